"""Requests under way: what was asked, by request id, until it is answered or the connection is lost."""

from itertools import count
from typing import Any, NamedTuple

from stdbctl.client.calls import Call
from stdbctl.client.functions import Arguments, Procedure
from stdbctl.client.optimistic_layers import Layer
from stdbctl.errors import StdbctlError

REQUEST_IDS = 2**32
"""Ids are u32 and begin anew after the last; nothing waits for so many requests."""


class ReducerRequest(NamedTuple):
    """A reducer is running. `layer`: what it is predicted to do."""

    call: Call[None]
    reducer: Arguments
    args: tuple[Any, ...]
    layer: Layer | None = None


class ProcedureRequest(NamedTuple):
    """A procedure is running."""

    call: Call[Any]
    procedure: Procedure


class QueryRequest(NamedTuple):
    """A one-off query is under way."""

    call: Call[list[Any]]
    query: str


Request = ReducerRequest | ProcedureRequest | QueryRequest


class Requests:
    """The requests of one connection."""

    def __init__(self) -> None:
        self._serial = count()
        self._open: dict[int, Request] = {}

    def new_id(self) -> int:
        """An id that no request under way has."""
        return next(self._serial) % REQUEST_IDS

    def add(self, request: Request) -> int:
        """Note a request; its id."""
        request_id = self.new_id()
        self._open[request_id] = request
        return request_id

    def get(self, request_id: int) -> Request | None:
        """The request of this id; it stays open until `close`, because its answer may be broken."""
        return self._open.get(request_id)

    def close(self, request_id: int) -> None:
        """The request has its answer."""
        self._open.pop(request_id, None)

    def fail_all(self, error: StdbctlError) -> None:
        """The connection is gone: end them all."""
        requests, self._open = self._open, {}
        for request in requests.values():
            request.call.fail(error)

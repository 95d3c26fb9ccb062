"""One WebSocket client of one database: its requests in, the answers to them out.

A client's life: `enter` (client_connected, then InitialConnection), requests in the order they came, `left`
(client_disconnected). All three kinds wait in the same inbox, so nothing overtakes.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from websockets.frames import CloseCode

from stdbctl.engine import BadArguments, DuplicateQuerySet, LifecycleCall, NoSuchReducer, UnknownQuerySet
from stdbctl.protocol import (
    CallProcedure,
    CallReducer,
    ClientMessage,
    MessageError,
    OneOffQuery,
    Subscribe,
    Unsubscribe,
    decode_client_messages,
    initial_connection,
    one_off_error,
    one_off_result,
    procedure_error,
    query_rows,
    reducer_internal_error,
    subscribe_applied,
    subscription_error,
    unsubscribe_applied,
)
from stdbctl.query import QueryError
from stdbctl.records import OutcomeKind
from stdbctl.sats import ConnectionId, TimeDuration, Timestamp
from stdbctl.server import limits
from stdbctl.server.answers import reducer_result
from stdbctl.server.auth import Caller
from stdbctl.server.websocket import WebSocket

if TYPE_CHECKING:
    from stdbctl.server.hosting import HostedDatabase

Request = ClientMessage | Callable[[], None]
"""A message of the client, or a step of its life that takes its turn among them."""
_QUERIES = (Subscribe, Unsubscribe, OneOffQuery)
_NO_TIME, _NO_DURATION = Timestamp(0), TimeDuration(0)


class Client:
    """A client. Compared by identity: the engine groups updates by these objects."""

    __slots__ = (
        "__weakref__",
        "_deliveries",
        "_hosted",
        "_is_connected",
        "_is_owner",
        "_socket",
        "caller",
        "connection_id",
        "inbox",
        "is_batched",
        "is_confirmed",
        "is_paused",
        "is_queued",
        "outbox",
        "version",
    )

    def __init__(
        self,
        hosted: "HostedDatabase",
        socket: WebSocket,
        *,
        caller: Caller,
        connection_id: ConnectionId,
        version: int,
        is_confirmed: bool,
    ) -> None:
        self._hosted, self._socket = hosted, socket
        self.caller, self.connection_id, self.version = caller, connection_id, version
        self.is_confirmed, self.is_batched = is_confirmed, version == 3
        self._deliveries = hosted.deliveries(self)
        self._is_owner = hosted.is_owner(caller.identity)
        self.inbox: deque[Request] = deque()
        self.outbox: list[bytes] = []
        self.is_queued = self.is_paused = self._is_connected = False

    def __str__(self) -> str:
        return f"({self.caller.identity}, {self.connection_id})"

    # --- from the socket

    def enter(self) -> None:
        """The handshake is done."""
        self._hosted.clients.add(self)
        self._take(self._connect)

    def receive(self, message: bytes) -> None:
        """Decode one frame's requests and queue them."""
        try:
            requests = decode_client_messages(message, self.is_batched)
        except MessageError as error:
            requests = list(error.messages)  # what stood before the mistake was asked for
            self._socket.close(CloseCode.INTERNAL_ERROR, str(error))
        inbox = self.inbox
        inbox.extend(requests)
        waiting = len(inbox)
        if waiting > limits.INCOMING_QUEUE_MESSAGES:
            self._socket.close(CloseCode.TRY_AGAIN_LATER, "too many requests")
        elif waiting > limits.INCOMING_PAUSE_MESSAGES:
            self.is_paused = True
            self._socket.pause()
        if not self.is_queued:
            self._hosted.queue(self)

    def text_refusal(self) -> str:
        """Why a text frame closes the connection."""
        return f"v{self.version} websocket does not support text messages"

    def left(self) -> None:
        """The socket is gone: calls that were received still run, then client_disconnected; queries do not."""
        wanted = [request for request in self.inbox if not isinstance(request, _QUERIES)]
        self.inbox.clear()
        self.inbox.extend(wanted)
        self._take(self._disconnect)

    def _take(self, step: Callable[[], None]) -> None:
        self.inbox.append(step)
        if not self.is_queued:
            self._hosted.queue(self)

    # --- to the socket

    def send(self, frames: bytes) -> None:
        """Hand ready-made frames to the socket."""
        self._socket.send(frames)

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake."""
        self._socket.close(code, reason)

    def resume(self) -> None:
        """The inbox is short enough again."""
        self.is_paused = False
        self._socket.resume()

    # --- one request at a time, called by the hosted database in its batches

    def handle(self, request: Request) -> None:
        """Run one request and put its answer among the deliveries."""
        if isinstance(request, CallReducer):
            self._call(request)
        elif isinstance(request, _QUERIES):
            with self._hosted.guard.aside():
                self._answer(request)
        elif isinstance(request, CallProcedure):
            self._put(procedure_error(request.request_id, _NO_TIME, _NO_DURATION, "No such procedure"))
        else:
            request()

    def _answer(self, request: Subscribe | Unsubscribe | OneOffQuery) -> None:
        if isinstance(request, Subscribe):
            self._subscribe(request)
        elif isinstance(request, Unsubscribe):
            self._unsubscribe(request)
        else:
            self._query(request)

    def _put(self, message: bytes) -> None:
        self._deliveries.put(self, message)

    def _call(self, request: CallReducer) -> None:
        hosted = self._hosted
        if hosted.outage.reason is not None:
            self._put(reducer_internal_error(request.request_id, hosted.now(), hosted.outage.reason))
            return
        hosted.guard.name(request.reducer)
        try:
            committed = hosted.database.call(
                request.reducer,
                request.args,
                identity=self.caller.identity,
                connection_id=self.connection_id,
                client=self,
                is_owner=self._is_owner,
            )
        except (NoSuchReducer, LifecycleCall, BadArguments) as error:
            self._put(reducer_internal_error(request.request_id, hosted.now(), str(error)))
            return
        self._put(reducer_result(request.request_id, committed))
        if committed.groups:
            hosted.fan_out(committed.groups)

    def _subscribe(self, request: Subscribe) -> None:
        try:
            rows = self._hosted.database.subscribe(self, request.query_set_id, request.query_strings)
        except DuplicateQuerySet as error:
            self._fail(str(error))
        except QueryError as error:
            self._put(subscription_error(request.request_id, request.query_set_id, str(error)))
        else:
            self._put(subscribe_applied(request.request_id, request.query_set_id, query_rows(rows.tables)))

    def _unsubscribe(self, request: Unsubscribe) -> None:
        try:
            rows = self._hosted.database.unsubscribe(self, request.query_set_id)
        except UnknownQuerySet as error:
            self._put(subscription_error(request.request_id, request.query_set_id, str(error)))
        else:
            dropped = query_rows(rows.tables) if request.send_dropped_rows else None
            self._put(unsubscribe_applied(request.request_id, request.query_set_id, dropped))

    def _query(self, request: OneOffQuery) -> None:
        try:
            result = self._hosted.database.one_off(request.query_string, self.caller.identity, self._is_owner)
        except QueryError as error:
            self._put(one_off_error(request.request_id, str(error)))
        else:
            self._put(one_off_result(request.request_id, query_rows(result.tables)))

    def _fail(self, text: str) -> None:
        self._socket.close(CloseCode.INTERNAL_ERROR, f"error executing message (reducer: None) (err: {text})")

    # --- coming and going

    def _connect(self) -> None:
        hosted = self._hosted
        if hosted.outage.reason is not None:
            self.inbox.clear()
            self._socket.close(CloseCode.TRY_AGAIN_LATER, hosted.outage.reason)
            return
        hosted.guard.name("client_connected")
        committed = hosted.database.connect(self, self.caller.identity, self.connection_id)
        if committed.outcome.kind is not OutcomeKind.DONE:
            self.inbox.clear()
            self._socket.drop()
            return
        self._is_connected = True
        hosted.fan_out(committed.groups)
        self._put(initial_connection(self.caller.identity, self.connection_id, self.caller.token))

    def forget(self) -> None:
        """The server ends the connection: nothing that still waits is run."""
        self.inbox.clear()
        self._is_connected = False

    def _disconnect(self) -> None:
        self._hosted.clients.discard(self)
        if self._is_connected:
            self._is_connected = False
            self._hosted.depart(self)

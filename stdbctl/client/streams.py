"""Streams of changes: `async for change in table.changes()`, and `for change in table.changes()` in the sync face.

A stream holds at most `queue_len_max` changes for its reader. When more come, it ends with ChangesOverflowed: a reader
that went on would believe in a table that does not exist.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeAlias, TypeVar

from stdbctl.client.row_bag import Changes
from stdbctl.client.sdk_errors import ChangesOverflowed
from stdbctl.client.waiting import Waiting

if TYPE_CHECKING:
    from stdbctl.client.listeners import Listeners

Row = TypeVar("Row")

QUEUE_LEN_MAX = 65_536
"""Changes that a stream holds for its reader unless it was made with another number."""


@dataclass(frozen=True, slots=True)
class Inserted(Generic[Row]):
    """A row came."""

    row: Row


@dataclass(frozen=True, slots=True)
class Deleted(Generic[Row]):
    """A row went."""

    row: Row


@dataclass(frozen=True, slots=True)
class Updated(Generic[Row]):
    """A row changed and kept its primary key."""

    old: Row
    new: Row


Change: TypeAlias = Inserted[Row] | Deleted[Row] | Updated[Row]


class ChangeStream(Generic[Row]):
    """The changes of one table from the moment the stream was made; ends when it or the connection is closed."""

    def __init__(self, listeners: "Listeners[Row]", waiting: Waiting, table: str, queue_len_max: int) -> None:
        self._listeners, self._waiting, self._table = listeners, waiting, table
        self._queue: deque[Change[Row]] = deque()
        self._queue_len_max = queue_len_max
        self._end: ChangesOverflowed | None = None
        self._is_closed = listeners.is_closed
        self._arrival: asyncio.Future[None] | None = None
        if not self._is_closed:
            listeners.streams[self] = None

    def put(self, changes: Changes[Row]) -> None:
        """The connection's to call: take changes in."""
        queue = self._queue
        count = len(changes.deleted) + len(changes.updated) + len(changes.inserted)
        if len(queue) + count > self._queue_len_max:
            self._end = ChangesOverflowed(self._table, self._queue_len_max)
            queue.clear()
            self.close()
            return
        queue.extend(map(Deleted, changes.deleted.values()))
        queue.extend(Updated(old, new) for old, new in changes.updated.values())
        queue.extend(map(Inserted, changes.inserted.values()))
        self._wake()

    def close(self) -> None:
        """Take in nothing more; what is held can still be read."""
        self._is_closed = True
        self._listeners.streams.pop(self, None)
        self._wake()

    def _wake(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is not None and not arrival.done():
            arrival.set_result(None)

    def _is_ready(self) -> bool:
        return bool(self._queue) or self._is_closed

    def _next(self) -> Change[Row] | None:
        """The next change; None at the end. Raises ChangesOverflowed."""
        if self._queue:
            return self._queue.popleft()
        if self._end is not None:
            raise self._end
        return None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change[Row]:
        if not self._waiting.is_async:
            raise TypeError("this connection is synchronous; write `for change in …`, without `async`")
        while not self._is_ready():
            if self._arrival is None:
                self._arrival = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._arrival)
        change = self._next()
        if change is None:
            raise StopAsyncIteration
        return change

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change[Row]:
        change = self.get(float("inf"))
        if change is None:
            raise StopIteration
        return change

    def get(self, timeout: float | None = None) -> Change[Row] | None:
        """In the sync face: the next change, None when the stream has ended.

        Raises:
            TimeoutError: none came in `timeout` seconds (None: the connection's own limit).
            ChangesOverflowed: more changes came than the stream may hold.
        """
        if not self._is_ready():
            self._waiting.wait_until(self._is_ready, timeout, f"the next change of `{self._table}`")
        return self._next()

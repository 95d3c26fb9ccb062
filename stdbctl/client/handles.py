"""What stands at `conn.db.<table>`: the rows of one table, look-ups, callbacks and streams.

Generated code subclasses `TableHandle` and gives `find` and `filter` their typed keywords.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from stdbctl.client.listeners import Handler, Listeners
from stdbctl.client.remote import RemoteTable
from stdbctl.client.streams import QUEUE_LEN_MAX, ChangeStream
from stdbctl.client.waiting import Waiting

Row = TypeVar("Row")  # rows go in and out, so a protocol of them is invariant
Context = TypeVar("Context")


class TableRows(Protocol[Row]):
    """What a handle shows: the cache of a table, or its draft while an effect runs."""

    @property
    def table(self) -> RemoteTable[Row]: ...
    @property
    def listeners(self) -> Listeners[Row]: ...
    def rows(self) -> list[Row]: ...
    def __len__(self) -> int: ...
    def find(self, columns: Mapping[str, Any], /) -> Row | None: ...
    def filter(self, columns: Mapping[str, Any], /) -> list[Row]: ...
    def is_predicted(self, row: Row, /) -> bool: ...
    def insert(self, row: Row, /) -> Row: ...
    def update(self, row: Row, /) -> Row: ...
    def delete(self, row: Row, /) -> bool: ...


class Tables(Protocol):
    """What a generated `Db` is made from."""

    @property
    def waiting(self) -> Waiting:
        """How the face waits."""

    def cache(self, table: RemoteTable[Row]) -> TableRows[Row]:
        """The rows of one table."""


class EventTableHandle(Generic[Row, Context]):
    """An event table: its rows are seen once and never kept."""

    def __init__(self, tables: Tables, table: RemoteTable[Row]) -> None:
        self._cache = tables.cache(table)
        self._waiting = tables.waiting

    def on_insert(self, callback: Callable[[Context, Row], object]) -> Handler:
        """Have `callback(ctx, row)` called for every row that comes; any number of callbacks, told in their order."""
        return Handler(self._cache.listeners.insert, callback)

    def changes(self, *, queue_len_max: int = QUEUE_LEN_MAX) -> ChangeStream[Row]:
        """Changes from now on, to be read by `async for` (sync face: `for`, or `get(timeout)`).

        Reading ends with ChangesOverflowed when more than `queue_len_max` changes wait to be read.
        """
        return ChangeStream(self._cache.listeners, self._waiting, self._cache.table.accessor, queue_len_max)


class TableHandle(EventTableHandle[Row, Context]):
    """A table or view: the rows that this connection's subscriptions brought.

    Iteration shows the rows as they stood when it began; their order means nothing.
    """

    def __len__(self) -> int:
        return len(self._cache)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._cache.rows())

    def on_delete(self, callback: Callable[[Context, Row], object]) -> Handler:
        """Have `callback(ctx, row)` called for every row that goes."""
        return Handler(self._cache.listeners.delete, callback)

    def is_predicted(self, row: Row) -> bool:
        """Whether the answer of a call is awaited that is predicted to put or change this row.

        Numbers of auto-increment in such a row may be made up: the server knows none of them.
        """
        return self._cache.is_predicted(row)

    def insert(self, row: Row) -> Row:
        """In an effect alone: predict a new row; the row as it is shown.

        0 in a column that the server numbers becomes a number made up for the time being.

        Raises:
            ReducerError: there is a row with its primary key; unless caught, the prediction is not shown.
            InvalidPrediction: a value does not fit.
            TypeError: this is `conn.db`, which only reducers change.
        """
        return self._cache.insert(row)

    def delete(self, row: Row) -> bool:
        """In an effect alone: predict that a row goes; whether it was here. Raises as `insert`."""
        return self._cache.delete(row)

    def _find(self, **columns: Any) -> Row | None:
        """The row with these values of a primary key or unique constraint."""
        return self._cache.find(columns)

    def _filter(self, **columns: Any) -> list[Row]:
        """The rows with these values; ranges (`between`, …) and UNSET are understood."""
        return self._cache.filter(columns)


class KeyedTableHandle(TableHandle[Row, Context]):
    """A table or view with a primary key: it knows that a row changed."""

    def on_update(self, callback: Callable[[Context, Row, Row], object]) -> Handler:
        """Have `callback(ctx, old, new)` called for every row that changed and kept its primary key.

        A predicted row whose key was made up is `old` to the row that the server made of it.
        """
        return Handler(self._cache.listeners.update, callback)

    def update(self, row: Row) -> Row:
        """In an effect alone: predict what becomes of the row with this primary key; the row as it is shown.

        Raises:
            ReducerError: there is no such row here; unless caught, the prediction is not shown.
            InvalidPrediction, TypeError: as `insert`.
        """
        return self._cache.update(row)

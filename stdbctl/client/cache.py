"""The cache of one table: the rows that subscriptions brought, their references, and who wants to hear of changes.

Visible rows change in one place, `TableCache.show`: server truth comes in by `receive` and `adopt`, both of which work
out net changes and hand them there. A layer over server truth stands between the two.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from typing import Any, Generic, TypeVar

from stdbctl.client.indexes import HashIndex
from stdbctl.client.listeners import Listeners
from stdbctl.client.query import UNSET
from stdbctl.client.row_bag import NO_CHANGES, Changes, Delta, Key, RowBag, difference
from stdbctl.client.row_types import BULK_BYTES, RowType, in_bulk
from stdbctl.nearest import nearest
from stdbctl.protocol import RowList
from stdbctl.sats import DecodeError, Range

Row = TypeVar("Row")


class TableCache(Generic[Row]):
    """One table's rows and listeners. All methods belong to the thread that drives the connection, reading excepted."""

    def __init__(self, row_type: RowType, lock: AbstractContextManager[object]) -> None:
        """`lock`: held while rows change and while they are searched; the asynchronous face needs none."""
        self.type, self.table = row_type, row_type.table
        self._lock = lock
        self.listeners: Listeners[Row] = Listeners()
        self._truth: RowBag[Row] = RowBag()
        self._visible = self._truth.rows
        self._returning: RowBag[Row] | None = None
        self._indexes: dict[tuple[str, ...], HashIndex[Row]] = {}

    # -- reading: what handles show ------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """All rows as they stand now."""
        with self._lock:
            return list(self._visible.values())

    def __len__(self) -> int:
        return len(self._visible)

    def find(self, columns: Mapping[str, Any]) -> Row | None:
        """The row with these values; at most one, because they are a key."""
        key = self.table.primary_key
        if key is not None and len(columns) == 1 and key in columns and isinstance(self.type.key_of, attrgetter):
            return self._visible.get(columns[key])
        found = self.filter(columns)
        return found[0] if found else None

    def filter(self, columns: Mapping[str, Any]) -> list[Row]:
        """The rows whose columns have these values or lie in these ranges.

        Raises:
            TypeError: there is no such column.
        """
        wanted = {name: value for name, value in columns.items() if value is not UNSET}
        self._check(wanted)
        with self._lock:
            return self._search(wanted)

    def _search(self, wanted: Mapping[str, Any]) -> list[Row]:
        equal = {name: value for name, value in wanted.items() if not isinstance(value, Range)}
        index = self._index(tuple(sorted(equal)))
        if index is not None:
            rows = index.rows(tuple(equal[name] for name in sorted(equal)))
        else:
            rows = [row for row in self.rows() if all(getattr(row, name) == value for name, value in equal.items())]
        for name, value in wanted.items():
            if isinstance(value, Range):
                rows = [row for row in rows if _lies_in(getattr(row, name), value)]
        return rows

    def _check(self, columns: Mapping[str, Any]) -> None:
        known = self.type.fields
        for name in columns:
            if name not in known:
                closest = nearest(name, known)
                raise TypeError(
                    f"table `{self.table.accessor}` has no column `{name}`"
                    + (f"; did you mean `{closest}`?" if closest else f"; its columns are {', '.join(known)}")
                )

    def _index(self, columns: tuple[str, ...]) -> HashIndex[Row] | None:
        """The index over exactly these columns, when they can have one."""
        if not columns or not self.type.hashable.issuperset(columns):
            return None
        if columns not in self._indexes:
            self._indexes[columns] = HashIndex(columns, self._visible.items())
        return self._indexes[columns]

    # -- server truth --------------------------------------------------------------------------------------------

    def read(self, rows: RowList) -> tuple[Sequence[Key], Sequence[Row]]:
        """Keys and rows of a row list. Raises DecodeError: it does not fit this table's columns."""
        if len(rows.data) < BULK_BYTES:
            return self._read(rows)
        return in_bulk(lambda: self._read(rows))

    def read_keys(self, rows: RowList) -> Sequence[Key]:
        """The keys alone. Raises DecodeError."""
        size = rows.row_size
        starts = rows.offsets if size is None else range(0, len(rows.data), size) if size else ()
        keys = self.type.keys(rows.data, starts)
        return self.read(rows)[0] if keys is None else keys

    def _read(self, rows: RowList) -> tuple[Sequence[Key], Sequence[Row]]:
        if not rows.data and not rows.offsets:
            return (), ()
        made = self.type.rows(rows.data, rows.row_size) if rows.data else self.type.empty_rows(len(rows.offsets))
        if self.type.key_of is not None:
            return list(map(self.type.key_of, made)), made
        try:
            keys = rows.split()
        except ValueError as error:
            raise DecodeError(str(error)) from None
        if len(keys) != len(made):
            raise DecodeError(f"{len(keys)} rows were announced and {len(made)} came")
        return keys, made

    def receive(self, delta: Delta[Row]) -> Changes[Row]:
        """Apply one message; what became of visible rows. While the connection is coming back nothing does."""
        if self._returning is not None:
            self._returning.apply(delta, self.type.differs)
            return NO_CHANGES
        return self.show(self._truth.apply(delta, self.type.differs))

    def start_over(self) -> None:
        """The connection is new: count references from nothing, and leave visible rows alone until `adopt`."""
        self._returning = RowBag()

    def adopt(self) -> Changes[Row]:
        """Everything is here again: make it the truth; what differs from what was visible."""
        assert self._returning is not None, "only after start_over"
        old, self._truth, self._returning = self._truth, self._returning, None
        changes = difference(old.rows, self._truth.rows, self.type.differs)
        self._visible = self._truth.rows
        return self.show(changes)

    def show(self, changes: Changes[Row]) -> Changes[Row]:
        """The one place where visible rows change."""
        for index in self._indexes.values():
            index.follow(changes)
        return changes


def _lies_in(value: Any, wanted: Range[Any]) -> bool:
    """Whether a column's value lies in a range; None lies in none."""
    if value is None:
        return False
    low, high = wanted.low, wanted.high
    if low is not None and not (value >= low[0] if low[1] else value > low[0]):
        return False
    return high is None or bool(value <= high[0] if high[1] else value < high[0])

"""The cache of one table: the rows that subscriptions brought, their references, and who wants to hear of changes.

Server truth comes in by `receive` and `adopt`, which give its net changes. What is shown is truth with an overlay on
top: what predictions make of it, empty where there are none.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from operator import attrgetter
from typing import Any, Generic, TypeVar

from stdbctl.client.indexes import HashIndex
from stdbctl.client.listeners import Listeners
from stdbctl.client.optimistic_overlay import Overlay
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
        self.overlay: Overlay[Row] = Overlay()
        self._returning: RowBag[Row] | None = None
        self._indexes: dict[tuple[str, ...], HashIndex[Row]] = {}

    # -- reading: what handles show ------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """All rows as they stand now."""
        with self._lock:
            return self.rows_under(self.overlay.shown)

    def __len__(self) -> int:
        if not self.overlay.shown:
            return len(self._truth.rows)
        with self._lock:
            return self.count_under(self.overlay.shown)

    def find(self, columns: Mapping[str, Any]) -> Row | None:
        """The row with these values; at most one, because they are a key."""
        if self.is_key(columns):
            (key,) = columns.values()
            if not self.overlay.shown:
                return self._truth.rows.get(key)
            with self._lock:
                return self.shown(key)
        found = self.filter(columns)
        return found[0] if found else None

    def is_key(self, columns: Mapping[str, Any]) -> bool:
        """Whether these columns are the primary key, and its value the key of a row."""
        key = self.table.primary_key
        return key is not None and len(columns) == 1 and key in columns and isinstance(self.type.key_of, attrgetter)

    def shown(self, key: Key) -> Row | None:
        """The row of a key as it is shown."""
        shown = self.overlay.shown
        return shown[key] if key in shown else self._truth.rows.get(key)

    def filter(self, columns: Mapping[str, Any]) -> list[Row]:
        """The rows whose columns have these values or lie in these ranges.

        Raises:
            TypeError: there is no such column.
        """
        wanted = {name: value for name, value in columns.items() if value is not UNSET}
        with self._lock:
            return self.filter_under(wanted, self.overlay.shown)

    def is_predicted(self, row: Row) -> bool:
        """Whether a prediction put or changed this row."""
        return bool(self.overlay.shown) and self.type.key(row) in self.overlay.shown

    # -- under an overlay: key -> the row in truth's place, None where there is none ------------------------------

    @property
    def truth(self) -> Mapping[Key, Row]:
        """What the server says."""
        return self._truth.rows

    def rows_under(self, overlay: Mapping[Key, Row | None]) -> list[Row]:
        """All rows."""
        truth = self._truth.rows
        if not overlay:
            return list(truth.values())
        rows = [row for key, row in truth.items() if key not in overlay]
        return rows + [row for row in overlay.values() if row is not None]

    def count_under(self, overlay: Mapping[Key, Row | None]) -> int:
        """How many rows there are."""
        truth = self._truth.rows
        return len(truth) + sum((row is not None) - (key in truth) for key, row in overlay.items())

    def filter_under(self, wanted: Mapping[str, Any], overlay: Mapping[Key, Row | None]) -> list[Row]:
        """The rows with these values and in these ranges. Raises TypeError: there is no such column."""
        self._check(wanted)
        equal = {name: value for name, value in wanted.items() if not isinstance(value, Range)}
        index = self._index(tuple(sorted(equal)))
        if index is not None:
            found = index.rows(tuple(equal[name] for name in sorted(equal)))
            rows = [row for key, row in found.items() if key not in overlay] if overlay else list(found.values())
            rows += [row for row in overlay.values() if row is not None and _has_values(row, equal)]
        else:
            rows = [row for row in self.rows_under(overlay) if _has_values(row, equal)]
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
        """The index of truth over exactly these columns, when they can have one."""
        if not columns or not self.type.hashable.issuperset(columns):
            return None
        if columns not in self._indexes:
            self._indexes[columns] = HashIndex(columns, self._truth.rows.items())
        return self._indexes[columns]

    # -- only an effect's draft is written to ----------------------------------------------------------------------

    def insert(self, row: Row) -> Row:
        """Refuse. Raises TypeError, as `update` and `delete` do."""
        raise self._refusal("insert")

    def update(self, row: Row) -> Row:
        """Refuse."""
        raise self._refusal("update")

    def delete(self, row: Row) -> bool:
        """Refuse."""
        raise self._refusal("delete")

    def _refusal(self, verb: str) -> TypeError:
        table = self.table.accessor
        return TypeError(
            f"`conn.db.{table}.{verb}()` cannot change the database: call a reducer, and predict what it does by"
            f" `conn.optimistic(lambda db: db.{table}.{verb}(…)).that_reducer(…)`"
        )

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
        made = self.type.rows(*rows) if rows.data else self.type.empty_rows(len(rows.offsets))
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
        """Apply one message; what became of truth. While the connection is coming back nothing does."""
        if self._returning is not None:
            self._returning.apply(delta, self.type.differs)
            return NO_CHANGES
        return self._follow(self._truth.apply(delta, self.type.differs))

    def start_over(self) -> None:
        """The connection is new: count references from nothing, and leave truth alone until `adopt`."""
        self._returning = RowBag()

    def adopt(self) -> Changes[Row]:
        """Everything is here again: make it the truth; what differs from the truth before."""
        assert self._returning is not None, "only after start_over"
        old, self._truth, self._returning = self._truth, self._returning, None
        return self._follow(difference(old.rows, self._truth.rows, self.type.differs))

    def _follow(self, changes: Changes[Row]) -> Changes[Row]:
        for index in self._indexes.values():
            index.follow(changes)
        return changes


def _has_values(row: Any, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _lies_in(value: Any, wanted: Range[Any]) -> bool:
    """Whether a column's value lies in a range; None lies in none."""
    if value is None:
        return False
    low, high = wanted.low, wanted.high
    if low is not None and not (value >= low[0] if low[1] else value > low[0]):
        return False
    return high is None or bool(value <= high[0] if high[1] else value < high[0])

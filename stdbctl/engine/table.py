"""One table in memory: its rows, indexes and sequences, and what the running transaction changed of it.

`rows`: place -> StoredRow. The place is the order key of the primary key, or the row's BSATN where there is none, so
`sorted(rows)` is the order in which a table is read: it does not depend on history, and is the same after a restart.
Two rows without a key are the same row when their bytes are (so NaN equals itself, and 0.0 differs from -0.0).
"""

from collections.abc import Callable, Container, Iterable
from typing import Any

from stdbctl.engine.indexes import Index
from stdbctl.engine.journal import Journal
from stdbctl.engine.sequences import Sequence
from stdbctl.engine.table_source import compile_table
from stdbctl.engine.values import RowCodec
from stdbctl.records import Row, StoredRow, TableChange
from stdbctl.schema import IndexDef, TableDef


class _Scan:
    """All rows as of one moment, in order; each face of them is made once."""

    __slots__ = ("_data", "_rows", "stored")

    def __init__(self, rows: dict[Any, StoredRow]) -> None:
        self.stored = tuple([rows[place] for place in sorted(rows)])
        self._rows: tuple[Row, ...] | None = None
        self._data: tuple[bytes, ...] | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        if self._rows is None:
            self._rows = tuple([stored.row for stored in self.stored])
        return self._rows

    @property
    def data(self) -> tuple[bytes, ...]:
        if self._data is None:
            self._data = tuple([stored.data for stored in self.stored])
        return self._data


def _not_unique(key: Row) -> Row | None:
    raise AssertionError(f"no unique index has {key}")


class Table:
    """`insert`, `update` and `delete` are generated for the table (see `table_source`) and journal what they do.

    `link` and `unlink` put a row into `rows` and all indexes and take it out, without journal and without checks;
    `restore` does so with the BSATN of many rows, as the store keeps them.
    `inserted` and `deleted`: place -> StoredRow, the net changes of the running transaction; `is_idle` while empty.
    `scanned` is dropped by every change.
    """

    __slots__ = (
        "codec",
        "definition",
        "delete",
        "deleted",
        "index_ids",
        "indexes",
        "insert",
        "inserted",
        "is_event",
        "is_idle",
        "journal",
        "link",
        "name",
        "remove",
        "restore",
        "rows",
        "scanned",
        "sequences",
        "table_id",
        "unlink",
        "update",
    )
    insert: Callable[[Row], Row]
    update: Callable[[Row], Row]
    delete: Callable[[Row], bool]
    remove: Callable[[StoredRow], None]
    restore: Callable[[Iterable[bytes]], None]
    link: Callable[[StoredRow], None]
    unlink: Callable[[StoredRow], None]

    def __init__(
        self, definition: TableDef, codec: RowCodec, table_id: int, index_ids: dict[str, int], journal: Journal
    ) -> None:
        self.definition, self.codec, self.table_id, self.journal = definition, codec, table_id, journal
        self.name, self.is_event, self.index_ids = definition.name, definition.is_event, index_ids
        self.rows: dict[Any, StoredRow] = {}
        self.inserted: dict[Any, StoredRow] = {}
        self.deleted: dict[Any, StoredRow] = {}
        self.is_idle = True
        self.scanned: _Scan | None = None
        self.indexes = {index_ids[i.name]: self._index(i, index_ids[i.name]) for i in definition.indexes}
        self.sequences = tuple(
            Sequence(s, definition.columns[s.column].type, self)
            for s in sorted(definition.sequences, key=lambda s: s.column)
        )
        for sequence in self.sequences:
            sequence.taken = self._taken(sequence.column)
        compile_table(self)

    def _taken(self, column: int) -> Container[int]:
        """The numbers of a column of which each may stand in one row: an order key of an integer is itself."""
        if column == self.definition.primary_key:
            return self.rows
        unique = (index for index in self.indexes.values() if index.is_unique and index.columns == (column,))
        return next((index.entries for index in unique), ())

    def _index(self, definition: IndexDef, index_id: int) -> Index:
        primary_key = self.definition.primary_key
        covered = set(definition.columns)
        is_unique = any(set(constraint.columns) == covered for constraint in self.definition.constraints)
        entries = self.rows if definition.columns == (primary_key,) else {}
        return Index(
            index_id=index_id,
            name=definition.name,
            columns=definition.columns,
            is_unique=is_unique,
            entries=entries,
            probes=tuple(self.codec.probe(column) for column in definition.columns),
            find=self.codec.finder(definition.columns, entries) if is_unique else _not_unique,
        )

    def scan(self) -> _Scan:
        """All rows in order, as of now. Cost: nothing when unchanged since the last time, else one sort."""
        if self.scanned is None:
            self.scanned = _Scan(self.rows)
        return self.scanned

    def load(self, rows: Iterable[StoredRow]) -> None:
        """Fill the table with rows that are known to be right, without journal."""
        for stored in rows:
            self.link(stored)

    def take_changes(self) -> TableChange | None:
        """The net changes of the running transaction, which end with this; None when all cancelled."""
        inserted, deleted = self.inserted, self.deleted
        self.is_idle = True
        if not inserted and not deleted:
            return None
        fields = self.table_id, tuple(deleted.values()), tuple(inserted.values()), self.is_event
        change = tuple.__new__(TableChange, fields)  # in C, half as dear as its own `__new__`
        if self.is_event:
            for stored in change.inserted:
                self.unlink(stored)
        inserted.clear()
        deleted.clear()
        return change

    def undo(self, *, is_broken: bool) -> None:
        """Take back the changes of the running transaction. `is_broken`: one of them may be half done."""
        if is_broken:
            self.forget_order()
        for stored in self.inserted.values():
            self.unlink(stored)
        for stored in self.deleted.values():
            self.link(stored)
        self.inserted.clear()
        self.deleted.clear()
        self.is_idle = True

    def apply(self, change: TableChange) -> None:
        """Make changes that are known to be right, without journal."""
        for stored in change.deleted:
            self.unlink(stored)
        for stored in change.inserted:
            self.link(stored)

    def revert(self, change: TableChange) -> None:
        """Take back the changes of a committed transaction."""
        for stored in change.inserted:
            self.unlink(stored)
        for stored in change.deleted:
            self.link(stored)

    def forget_order(self) -> None:
        """Drop the sorted lists, which an interrupted change may have left unsound; they come back when needed."""
        for index in self.indexes.values():
            index.ordered = None

    def candidates(self, filters: tuple[tuple[int, Any], ...]) -> Iterable[StoredRow]:
        """All rows that can equal the given (column, value) pairs, in table order: by an index if one helps."""
        values = dict(filters)
        for index in self.indexes.values():
            if values.keys() >= set(index.columns):
                return index.seek(tuple([values[column] for column in index.columns]), None, None)
        return self.scan().stored

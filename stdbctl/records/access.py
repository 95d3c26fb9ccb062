"""The tuple face of a transaction: what a host may do to the tables while one of its functions runs.

The engine implements it; `PythonHost` uses it. Rows are tuples of engine values in column order
(see `stdbctl.sats.types`). Tables and indexes are named by their stable numeric ids in this database.
Everything returned is a snapshot: later writes of the same transaction do not change it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = tuple[Any, ...]
"""One row; Any because the column types are known only at run time."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range over the column after the prefix."""

    value: Any  # an engine value of the column's type
    inclusive: bool


@dataclass(frozen=True, slots=True)
class TableIds:
    """The ids of one table in this database: its own, and those of its indexes by canonical index name."""

    table_id: int
    index_ids: Mapping[str, int]


Catalog = Mapping[str, TableIds]
"""Canonical table name -> ids. Valid as long as the instance that was made with it."""


class TableAccess(Protocol):
    """Reads and writes inside one transaction. All but `insert`, `update` and the deletes are allowed in views."""

    def insert(self, table_id: int, row: Row) -> Row:
        """Insert and return the row as stored: auto-increment numbers assigned (0 asks for one), f32 rounded.

        A row fully equal to a stored one is no change. Raises UniqueViolation, InvalidValue.
        """
        ...

    def update(self, table_id: int, row: Row) -> Row:
        """Replace the row with the same primary key. Raises RowNotFound, UniqueViolation, InvalidValue."""
        ...

    def delete(self, table_id: int, row: Row) -> bool:
        """Delete the row with the same primary key, else the fully equal row; False when there is none."""
        ...

    def delete_by(
        self, table_id: int, index_id: int, prefix: Row, lower: Bound | None = None, upper: Bound | None = None
    ) -> int:
        """Delete all rows that `seek` would give; their number."""
        ...

    def find(self, table_id: int, index_id: int, key: Row) -> Row | None:
        """The one row with this key, by an index whose columns a unique constraint covers."""
        ...

    def seek(
        self, table_id: int, index_id: int, prefix: Row, lower: Bound | None = None, upper: Bound | None = None
    ) -> Sequence[Row]:
        """Rows whose first index columns equal `prefix` and whose next lies between the bounds.

        In index order, ties in scan order; for a hash index `prefix` names every column, in scan order.
        """
        ...

    def scan(self, table_id: int) -> Sequence[Row]:
        """All rows: in primary-key order, or encoded-row order where there is no key."""
        ...

    def count(self, table_id: int) -> int:
        """The number of rows."""
        ...

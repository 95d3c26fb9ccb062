"""One transaction: an explicit object that ends with commit or abort and is of no use afterwards.

This is its tuple face (`stdbctl.records.TableAccess`), thin on purpose: tables do the work and keep the journal, so
that a face in bytes for other kinds of programs stands beside this one, over the same journal.
"""

from collections.abc import Sequence
from typing import Never

from stdbctl.engine.errors import TransactionClosed
from stdbctl.engine.journal import Changes, Journal
from stdbctl.engine.table import Table
from stdbctl.records import Bound, Row


class _Closed(dict[int, Table]):
    """The tables of a transaction that has ended."""

    def __missing__(self, table_id: int) -> Never:
        raise TransactionClosed


_CLOSED = _Closed()


class Transaction:
    """Reads and writes of one call. There is at most one open transaction per database."""

    __slots__ = ("_journal", "_tables")

    def __init__(self, tables: dict[int, Table], journal: Journal) -> None:
        self._tables, self._journal = tables, journal

    @property
    def is_sound(self) -> bool:
        """Whether every change was carried out whole; if not (a signal, no memory), only `abort` is left."""
        return not self._journal.is_broken

    def commit(self) -> Changes:
        """Keep the changes and end."""
        self._tables = _CLOSED
        return self._journal.commit()

    def abort(self) -> None:
        """Undo the changes and end."""
        self._tables = _CLOSED
        self._journal.abort()

    def insert(self, table_id: int, row: Row) -> Row:
        """See TableAccess."""
        return self._tables[table_id].insert(row)

    def update(self, table_id: int, row: Row) -> Row:
        """See TableAccess."""
        return self._tables[table_id].update(row)

    def delete(self, table_id: int, row: Row) -> bool:
        """See TableAccess."""
        return self._tables[table_id].delete(row)

    def delete_by(
        self, table_id: int, index_id: int, prefix: Row, lower: Bound | None = None, upper: Bound | None = None
    ) -> int:
        """See TableAccess."""
        table = self._tables[table_id]
        found = table.indexes[index_id].seek(prefix, lower, upper)
        for stored in found:
            table.remove(stored)
        return len(found)

    def find(self, table_id: int, index_id: int, key: Row) -> Row | None:
        """See TableAccess."""
        return self._tables[table_id].indexes[index_id].find(key)

    def seek(
        self, table_id: int, index_id: int, prefix: Row, lower: Bound | None = None, upper: Bound | None = None
    ) -> Sequence[Row]:
        """See TableAccess."""
        return [stored.row for stored in self._tables[table_id].indexes[index_id].seek(prefix, lower, upper)]

    def scan(self, table_id: int) -> Sequence[Row]:
        """See TableAccess. Cost: nothing for a table that did not change since the last scan, else one sort."""
        return self._tables[table_id].scan().rows

    def count(self, table_id: int) -> int:
        """See TableAccess."""
        return len(self._tables[table_id].rows)

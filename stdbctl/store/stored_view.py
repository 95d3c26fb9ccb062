"""A stored database that is looked at while no server runs: everything can be read, and nothing is ever written."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from stdbctl.records import Entry, SchemaChange, Snapshot
from stdbctl.sats import Identity
from stdbctl.store.copies import DatabaseCopy, connect_to_read
from stdbctl.store.data_dir import LIST_FILE
from stdbctl.store.errors import store_faults
from stdbctl.store.sqlite_store import DATABASE_FILE


class StoredView:
    """Satisfies `engine.ports.Store`: an engine over it works as usual, and what it does is forgotten."""

    def __init__(self, copy: DatabaseCopy) -> None:
        self._copy = copy

    def load(self) -> Snapshot:
        """Read what an engine needs, rows excepted."""
        return self._copy.snapshot()

    def rows(self, table_id: int) -> Iterator[bytes]:
        """The BSATN of every stored row of one table, in key order."""
        return (data for _, data in self._copy.rows(table_id))

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        """Forget it."""

    def commit(self) -> None:
        """Do nothing."""

    def rollback(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Leave the copy to who opened it."""


def stored_copy(data_dir: Path, name: str) -> DatabaseCopy | None:
    """The stored database of a name, or of an identity as 64 hex digits, to be read; None when there is none."""
    file = data_dir / LIST_FILE
    if not file.exists():
        return None
    with store_faults(file, "read"):
        connection = connect_to_read(file, is_frozen=_is_frozen(file))
        try:
            found = connection.execute(
                "SELECT identity FROM databases LEFT JOIN names USING (identity)"
                " WHERE state = 'ready' AND ? IN (name, lower(hex(identity)))",
                (name,),
            ).fetchone()
        finally:
            connection.close()
    if found is None:
        return None
    database = data_dir / "databases" / Identity(found[0]).to_hex() / DATABASE_FILE
    return DatabaseCopy(database, is_frozen=_is_frozen(database))


def _is_frozen(file: Path) -> bool:
    """Whether the last server ended in good order: SQLite then leaves nothing beside the file, and nor do we."""
    return not file.with_name(f"{file.name}-wal").exists()

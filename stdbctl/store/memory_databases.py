"""The databases of a server that keeps nothing: `--in-memory`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from stdbctl.sats import Identity
from stdbctl.store.databases import DatabaseRecord, NameTaken, find_record
from stdbctl.store.errors import StoreFault
from stdbctl.store.log_store import MemoryLog
from stdbctl.store.memory_store import MemoryStore


class MemoryDatabases:
    """Databases that end with their process; a store opened again holds what was committed to it."""

    def __init__(self) -> None:
        self._records: dict[Identity, DatabaseRecord] = {}
        self._stores: dict[Identity, MemoryStore] = {}
        self._logs: dict[Identity, MemoryLog] = {}

    def all(self) -> tuple[DatabaseRecord, ...]:
        """Every database, the oldest first."""
        return tuple(sorted(self._records.values(), key=lambda record: (record.created, record.identity.data)))

    def find(self, name_or_identity: str) -> DatabaseRecord | None:
        """The database with this name, or with this identity (64 hex digits)."""
        return find_record(self.all(), name_or_identity)

    def create(self, record: DatabaseRecord) -> None:
        """Enter a new database; NameTaken when one of its names is."""
        if record.identity in self._records:
            raise StoreFault(Path("memory"), what=f"the database {record.identity} exists already")
        self._enter(record, record.names)
        self._stores[record.identity] = MemoryStore(record.identity, record.owner)
        self._logs[record.identity] = MemoryLog()

    def rename(self, identity: Identity, names: Sequence[str]) -> None:
        """Give a database these names and no others; NameTaken when one belongs to another database."""
        self._enter(self._records[identity], names)

    def _enter(self, record: DatabaseRecord, names: Sequence[str]) -> None:
        for name in names:
            holder = next((other for other in self._records.values() if name in other.names), None)
            if holder is not None and holder.identity != record.identity:
                raise NameTaken(Path("memory"), name, holder.identity)
        self._records[record.identity] = DatabaseRecord(
            record.identity, record.owner, record.created, tuple(dict.fromkeys(names))
        )

    def delete(self, identity: Identity) -> None:
        """Forget a database."""
        for kept in (self._records, self._stores, self._logs):
            kept.pop(identity, None)

    def open_store(self, identity: Identity) -> MemoryStore:
        """The store of a database."""
        return self._stores[identity]

    def open_log(self, identity: Identity) -> MemoryLog:
        """The module's log of a database."""
        return self._logs[identity]

    def folder(self, identity: Identity) -> Path:
        """None is used: nothing here has files."""
        raise StoreFault(Path("memory"), what=f"the database {identity} has no files", why="it is kept in memory")

    def snapshots(self, identity: Identity, clock: Callable[[], int]) -> None:
        """None: a snapshot is a file."""

    def close(self) -> None:
        """Nothing to let go of."""

"""What a server needs to know of its databases: which there are, what they are called, where each is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stdbctl.sats import Identity, Timestamp
from stdbctl.store.errors import StoreFault
from stdbctl.store.log_store import Log
from stdbctl.store.memory_store import MemoryStore
from stdbctl.store.snapshots import Snapshots
from stdbctl.store.sqlite_store import SqliteStore


@dataclass(frozen=True, slots=True)
class DatabaseRecord:
    """One database of a server. `names` are in the order in which they were given, and may be none."""

    identity: Identity
    owner: Identity
    created: Timestamp
    names: tuple[str, ...] = ()


class NameTaken(StoreFault):
    """A name already belongs to another database."""

    def __init__(self, path: Path, name: str, identity: Identity) -> None:
        self.name, self.identity = name, identity
        super().__init__(
            path,
            what=f"the name `{name}` is taken",
            why=f"it belongs to the database {identity}",
            fix="choose another name",
        )


class Databases(Protocol):
    """What a server needs to know of its databases, on disk or in memory. StoreFault when the disk says no."""

    def all(self) -> tuple[DatabaseRecord, ...]:
        """Every database, the oldest first."""
        ...

    def find(self, name_or_identity: str) -> DatabaseRecord | None:
        """The database with this name, or with this identity (64 hex digits)."""
        ...

    def create(self, record: DatabaseRecord) -> None:
        """Enter a new database and make its store; NameTaken when one of its names is."""
        ...

    def rename(self, identity: Identity, names: Sequence[str]) -> None:
        """Give a database these names and no others; NameTaken when one belongs to another database."""
        ...

    def delete(self, identity: Identity) -> None:
        """Forget a database and everything in it. Its store and log must be closed."""
        ...

    def open_store(self, identity: Identity) -> SqliteStore | MemoryStore:
        """The store of a database; one at a time."""
        ...

    def open_log(self, identity: Identity) -> Log:
        """The module's log of a database; one at a time."""
        ...

    def folder(self, identity: Identity) -> Path:
        """Where a database on disk has its files."""
        ...

    def snapshots(self, identity: Identity, clock: Callable[[], int]) -> Snapshots | None:
        """The snapshots of a database; None where nothing is kept on disk."""
        ...

    def close(self) -> None:
        """Let go of the data folder."""
        ...


def find_record(records: Sequence[DatabaseRecord], name_or_identity: str) -> DatabaseRecord | None:
    """The record with this name, else with this identity (64 hex digits, `0x` allowed in front)."""
    for record in records:
        if name_or_identity in record.names:
            return record
    digits = name_or_identity.removeprefix("0x").lower()
    return next((record for record in records if record.identity.to_hex() == digits), None)

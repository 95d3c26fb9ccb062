"""The databases of one server while it runs: found by name or identity, created, renamed and deleted.

What there is and what it is called is kept by the store; here each has its hosted database, or the reason why it has
none.
"""

import logging
from collections.abc import Callable, Iterable, Iterator

from stdbctl.errors import StdbctlError
from stdbctl.records import LogLevel
from stdbctl.sats import Identity, Timestamp
from stdbctl.server.culprit import Culprit
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.names import check_segment, unknown
from stdbctl.server.refusal import Refusal
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.store import DatabaseRecord
from stdbctl.store import Databases as Shelf

_LOGGER = logging.getLogger("stdbctl.server")
Open = Callable[[Identity], HostedDatabase]
Keeper = Callable[[Identity], SnapshotKeeper]


class Databases:
    """All databases. `open_database` makes a hosted one of what `shelf` keeps; `clock()` gives microseconds."""

    def __init__(self, shelf: Shelf, open_database: Open, keeper: Keeper, clock: Callable[[], int]) -> None:
        self._shelf, self._open, self._keeper, self._clock = shelf, open_database, keeper, clock
        self._keepers: dict[Identity, SnapshotKeeper] = {}
        self._records = {record.identity: record for record in shelf.all()}
        self._hosted: dict[Identity, HostedDatabase] = {}
        self._broken: dict[Identity, str] = {}

    async def open_all(self) -> None:
        """Open everything. What cannot be opened is reported, and refused by name, while the others serve."""
        for record in list(self._records.values()):
            try:
                hosted = self._open(record.identity)
            except (StdbctlError, OSError) as error:
                _LOGGER.error("database %s could not be opened: %s", self.label(record.identity), error)
                self._broken[record.identity] = str(error)
                continue
            self._hosted[record.identity] = hosted
            if hosted.database.program is None:
                # The machine died during its first publish, which nobody was told about.
                await self.delete(record.identity)

    def __iter__(self) -> Iterator[HostedDatabase]:
        return iter(self._hosted.values())

    def label(self, identity: Identity) -> str:
        """What to call a database in a message: its first name, else its identity."""
        return next(iter(self._records[identity].names), identity.to_hex())

    def records(self) -> tuple[DatabaseRecord, ...]:
        """Every database, the oldest first."""
        return tuple(self._records.values())

    def blame(self, culprit: Culprit) -> None:
        """Tell a database's log of the call that took the last server down; its scheduled row must not do it again."""
        hosted = self._hosted.get(Identity(culprit.database))
        if hosted is not None:
            text = f"`{culprit.function}` {culprit.how}: the server was restarted from disk"
            hosted.log(LogLevel.PANIC, text)
            hosted.database.give_up(*culprit.row)
            hosted.settle()

    # --- looking up

    def record(self, text: str) -> DatabaseRecord:
        """What a path segment means; Refusal 400 for a malformed one, 404 for an unknown one."""
        segment = check_segment(text)
        record = self.named(segment) if isinstance(segment, str) else self._records.get(segment)
        if record is None:
            raise unknown(segment)
        return record

    def snapshots(self, identity: Identity) -> SnapshotKeeper:
        """The snapshots of a database, also of one that could not be opened."""
        if identity not in self._keepers:
            self._keepers[identity] = self._keeper(identity)
        return self._keepers[identity]

    def is_known(self, identity: Identity) -> bool:
        """Whether there is a database with this identity."""
        return identity in self._records

    def find(self, text: str) -> HostedDatabase:
        """The database that a path segment means; Refusal 400, 404, or 503 for one that could not be opened."""
        record = self.record(text)
        hosted = self._hosted.get(record.identity)
        if hosted is None:
            raise Refusal(
                503, f"the database could not be opened: {self._broken.get(record.identity, 'it is closing')}"
            )
        return hosted

    def named(self, name: str) -> DatabaseRecord | None:
        """The database of this name, or None."""
        return next((record for record in self._records.values() if name in record.names), None)

    # --- changing

    def create(self, identity: Identity, owner: Identity, names: Iterable[str]) -> HostedDatabase:
        """Make an empty database; `delete` it if its first publish fails."""
        record = DatabaseRecord(identity, owner, Timestamp(self._clock()), tuple(names))
        self._shelf.create(record)
        hosted = self._open(identity)
        self._records[identity], self._hosted[identity] = record, hosted
        return hosted

    async def delete(self, identity: Identity, *, with_snapshots: bool = True) -> None:
        """Close a database and delete all it has; its names are free afterwards."""
        hosted = self._hosted.pop(identity, None)
        if hosted is not None:
            await hosted.close("module exited")
        self._shelf.delete(identity, with_snapshots=with_snapshots)
        self._broken.pop(identity, None)
        self._records.pop(identity, None)

    def rename(self, identity: Identity, names: Iterable[str]) -> None:
        """Give a database these names and no others, durably."""
        names = tuple(names)
        self._shelf.rename(identity, names)
        old = self._records[identity]
        self._records[identity] = DatabaseRecord(identity, old.owner, old.created, names)

    async def close(self, reason: str) -> None:
        """Send all clients away and close every database."""
        while self._hosted:
            _, hosted = self._hosted.popitem()  # so that nobody finds it while it closes
            await hosted.close(reason)
        self._shelf.close()

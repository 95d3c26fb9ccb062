"""The databases of one server while it runs: found by name or identity, created, renamed and deleted.

What there is and what it is called is kept by the store; here each has its hosted database, or the reason why it has
none.
"""

import asyncio
import contextlib
import functools
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from stdbctl.engine import UnreadableRows
from stdbctl.errors import StdbctlError
from stdbctl.records import LogLevel
from stdbctl.sats import Identity, Timestamp
from stdbctl.server import limits
from stdbctl.server.culprit import Culprit, reasons_of
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.names import check_segment, unknown
from stdbctl.server.programs import place_of
from stdbctl.server.refusal import Refusal
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.server.turns import Turns
from stdbctl.store import DatabaseRecord, StoreDamaged, StoreFault
from stdbctl.store import Databases as Shelf

T = TypeVar("T")
_LOGGER = logging.getLogger("stdbctl.server")
_RESTORE = "restore"
Open = Callable[[Identity], HostedDatabase]
Keeper = Callable[[Identity], SnapshotKeeper]


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a database is not open, and when (`time.monotonic`) to try again: soon, unless a try takes long.

    While it is closed on purpose, that is never.
    """

    reason: str
    again: float

    @classmethod
    def after(cls, reason: str, began: float) -> "Broken":
        """A try that began at `began` has failed now."""
        now = time.monotonic()
        return cls(reason, now + max(limits.REOPEN_S, limits.REOPEN_SHARE * (now - began)))

    def is_due(self) -> bool:
        """Whether it may be tried again."""
        return time.monotonic() >= self.again


class Databases:
    """All databases. `open_database` makes a hosted one of what `shelf` keeps; `clock()` gives microseconds.

    `turn_s`: how long a change of a database waits for the one before.
    """

    def __init__(
        self, shelf: Shelf, open_database: Open, keeper: Keeper, clock: Callable[[], int], turn_s: float
    ) -> None:
        self._shelf, self._open, self._keeper, self._clock = shelf, open_database, keeper, clock
        self._keepers: dict[Identity, SnapshotKeeper] = {}
        self._records = {record.identity: record for record in shelf.all()}
        self._hosted: dict[Identity, HostedDatabase] = {}
        self._broken: dict[Identity, Broken] = {}
        self._turns = Turns(turn_s)
        self._is_closed = False

    async def open_all(self) -> None:
        """Open everything. What cannot be opened is reported, and refused by name, while the others serve."""
        for record in list(self._records.values()):
            hosted = self._try_to_open(record.identity)
            if hosted is not None and hosted.database.program is None:
                # The machine died during its first publish, which nobody was told about.
                await self._discard(record.identity)

    def _try_to_open(self, identity: Identity) -> HostedDatabase | None:
        """Open a database, or note why it cannot be; what was noted before is said once."""
        before, began = self._broken.pop(identity, None), time.monotonic()
        try:
            hosted = self._adopt(identity)
        except (StdbctlError, OSError, MemoryError) as error:
            broken = self._broken[identity] = Broken.after(self._with_way_out(identity, error), began)
            if before is None or before.reason != broken.reason:
                _LOGGER.error("database %s could not be opened: %s", self.label(identity), broken.reason)
            if time.monotonic() - began < limits.REOPEN_QUICK_S:
                self._try_again_at(identity, broken.again)
            return None
        if before is not None and before.again < math.inf:
            _LOGGER.warning("database %s is open again", self.label(identity))
        return hosted

    def _try_again_at(self, identity: Identity, again: float) -> None:
        """Try unasked: somebody may wait for scheduled rows. A request that comes first does the same."""

        def try_again() -> None:
            broken = self._broken.get(identity)
            if broken is not None and broken.is_due() and not self._is_closed:
                self._try_to_open(identity)

        asyncio.get_running_loop().call_later(max(again - time.monotonic(), 0) + 0.001, try_again)

    def _adopt(self, identity: Identity) -> HostedDatabase:
        hosted = self._open(identity)
        hosted.retire = functools.partial(self._retire, identity)
        self._hosted[identity] = hosted
        return hosted

    def _retire(self, identity: Identity, error: BaseException) -> None:
        """Something went wrong that nobody can put right in memory: what is on disk is opened anew."""
        hosted = self._hosted.pop(identity, None)
        if hosted is None:
            return
        self._broken[identity] = Broken(str(error), time.monotonic())
        hosted.abandon(error)
        self._try_again_at(identity, time.monotonic())

    def _with_way_out(self, identity: Identity, error: Exception) -> str:
        """What is wrong, and for a damaged file the newest snapshot with the command that brings it back."""
        if not isinstance(error, StoreDamaged | UnreadableRows):
            return str(error)
        kept = self.snapshots(identity).kept
        newest = None if kept is None else next(reversed(kept.all()), None)
        if newest is None:
            return f"{error.what}; {error.why} (there is no snapshot of it: put a copy of the file back, or delete it)"
        return (
            f"{error.what}; {error.why} (the newest snapshot is `{newest.name}` of {newest.taken}, transaction"
            f" {newest.offset}: `stdbctl snapshot restore {newest.name}` brings it back)"
        )

    async def while_closed(self, identity: Identity, reason: str, work: Callable[[Path], T]) -> T:
        """Close a database, send its clients away with a reason, change its files on another thread, open it again.

        `work` gets its folder. Whatever comes of it, the database is opened again. Other databases go on.
        """
        hosted = self._hosted.pop(identity, None)
        self._broken[identity] = Broken(reason, math.inf)
        try:
            if hosted is not None:
                await hosted.close(reason)
            return await asyncio.to_thread(work, self._shelf.folder(identity))
        finally:
            if not self._is_closed:
                self._try_to_open(identity)

    def hosted(self, identity: Identity) -> HostedDatabase | None:
        """The database of this identity; None when it could not be opened."""
        return self._hosted.get(identity)

    def __iter__(self) -> Iterator[HostedDatabase]:
        return iter(self._hosted.values())

    def label(self, identity: Identity) -> str:
        """What to call a database in a message: its first name, else its identity."""
        return next(iter(self._records[identity].names), identity.to_hex())

    def records(self) -> tuple[DatabaseRecord, ...]:
        """Every database, the oldest first."""
        return tuple(self._records.values())

    def blame(self, culprit: Culprit, blocked: Iterable[Culprit]) -> None:
        """Tell a database's log of the call that took the last server down; its scheduled row must not do it again."""
        hosted = self._hosted.get(Identity(culprit.database))
        if hosted is not None:
            text = f"`{culprit.function}` {culprit.how}: the server was restarted from disk"
            hosted.log(LogLevel.PANIC, text)
            for reason in reasons_of(blocked, place_of(hosted.database)).values():
                hosted.log(LogLevel.PANIC, reason)
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
        hosted, broken = self._hosted.get(record.identity), self._broken.get(record.identity)
        if hosted is None and broken is not None and broken.is_due():
            hosted = self._try_to_open(record.identity)
            broken = self._broken.get(record.identity)
        if hosted is None:
            raise Refusal(503, f"the database could not be opened: {broken.reason if broken else 'it is closing'}")
        return hosted

    def named(self, name: str) -> DatabaseRecord | None:
        """The database of this name, or None."""
        return next((record for record in self._records.values() if name in record.names), None)

    # --- changing

    @contextlib.asynccontextmanager
    async def changing(self, identity: Identity, what: str) -> AsyncIterator[None]:
        """Change a database as a whole: publish, import, reset, restore, snapshot and delete wait for one another.

        `what` tells others whom they wait for. What was looked up before may be another thing inside. Refusal 404 when
        it was deleted meanwhile, 503 when the turn does not come.
        """
        async with self._turns.taken(identity, what):
            if identity not in self._records:
                raise unknown(identity)
            yield

    async def settled(self, identity: Identity) -> HostedDatabase:
        """The database once what changes it now has ended; Refusal, see `changing` and `find`."""
        async with self.changing(identity, "a look at it"):
            return self.find(identity.to_hex())

    @contextlib.asynccontextmanager
    async def restoring(self, identity: Identity) -> AsyncIterator[None]:
        """The same for a restore. It holds all rows of a snapshot, so there is one at a time, of whichever database.

        It waits for another one before its own database's turn: nothing else ever waits for another database.
        """
        async with self._turns.taken(_RESTORE, "another restore"), self.changing(identity, "a restore"):
            yield

    def create(self, identity: Identity, owner: Identity, names: Iterable[str]) -> HostedDatabase:
        """Make an empty database; `delete` it if its first publish fails."""
        record = DatabaseRecord(identity, owner, Timestamp(self._clock()), tuple(names))
        self._shelf.create(record)
        self._records[identity] = record
        try:
            return self._adopt(identity)
        except BaseException as error:
            self._broken[identity] = Broken.after(str(error), time.monotonic())
            raise

    async def delete(self, identity: Identity) -> None:
        """Close a database and delete all it has, when its turn comes; its names are free afterwards.

        One that is not there any more is deleted already. Refusal 503 when the turn does not come.
        """
        async with self._turns.taken(identity, "the deletion"):
            if identity in self._records:
                await self._discard(identity)

    async def _discard(self, identity: Identity) -> None:
        hosted = self._hosted.pop(identity, None)
        if hosted is not None:
            await hosted.close("module exited")
        try:
            self._shelf.delete(identity)
        except StoreFault as fault:
            if any(record.identity == identity for record in self._shelf.all()):
                self._try_to_open(identity)
                raise
            _LOGGER.error("database %s is deleted, files of it are left until the next start: %s", identity, fault)
        self._broken.pop(identity, None)
        self._keepers.pop(identity, None)
        del self._records[identity]

    def rename(self, identity: Identity, names: Iterable[str]) -> None:
        """Give a database these names and no others, durably."""
        names = tuple(names)
        self._shelf.rename(identity, names)
        old = self._records[identity]
        self._records[identity] = DatabaseRecord(identity, old.owner, old.created, names)

    async def close(self, reason: str) -> None:
        """Send all clients away and close every database."""
        self._is_closed = True
        while self._hosted:
            _, hosted = self._hosted.popitem()  # so that nobody finds it while it closes
            await hosted.close(reason)
        self._shelf.close()

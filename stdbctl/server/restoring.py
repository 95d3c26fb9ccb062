"""Restoring a snapshot on a running server: in place where its rows fit the tables, else behind closed doors.

In place it is a transaction like any other, and clients see rows come, go and change. Otherwise, and for a database
that could not be opened, the clients are sent away, the files are changed, and the database is opened again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from websockets.frames import CloseCode

from stdbctl.engine import Prepared, Restored
from stdbctl.errors import Problems
from stdbctl.records import LogLevel, Program, StoredState
from stdbctl.sats import Identity
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.programs import reasons
from stdbctl.server.refusal import Refusal
from stdbctl.server.site import Site
from stdbctl.store import DatabaseRecord, SnapshotInfo, Snapshots, restore_closed

_REASON = "the database was restored to an earlier state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What a restore did. `before`: the snapshot of what was there; None where that could not be read.

    `module`: `same`, `kept` (the running one, over the snapshot's rows) or `restored`. `damaged`: where the file is
    kept that was replaced.
    """

    snapshot: SnapshotInfo
    before: SnapshotInfo | None
    offset: int
    module: str
    disconnected: bool
    damaged: Path | None = None

    def to_json(self) -> dict[str, object]:
        """As docs/snapshots.md shows it."""
        return {
            "snapshot": self.snapshot.name,
            "before": None if self.before is None else self.before.name,
            "offset": self.offset,
            "module": self.module,
            "disconnected": self.disconnected,
            "damaged": None if self.damaged is None else str(self.damaged),
        }


@dataclass(frozen=True, slots=True)
class _Copied:
    info: SnapshotInfo
    program: Program
    state: StoredState


async def restore(site: Site, record: DatabaseRecord, name: str, *, with_module: bool) -> Restoration:
    """Bring a database back to a snapshot. `with_module`: its module comes back even where the running one would do.

    Raises:
        StoreFault: there is no such snapshot, it is damaged, or the disk says no; what served before still serves.
        Refusal: the snapshot's module cannot be loaded any more.
        NotStored: see `HostedDatabase.lossy_step`.
    """
    kept = site.databases.snapshots(record.identity).on_disk
    async with site.databases.restoring(record.identity):
        copied = await asyncio.to_thread(_read, kept, name, record.identity)
        hosted = site.databases.hosted(record.identity)
        prepared = _prepared(site, hosted, copied.program)
        if hosted is None:
            return await _behind_closed_doors(site, record, kept, copied, keeps_program=False)
        fits = prepared is None or hosted.database.fits(prepared)
        keeps_program = fits and (prepared is None or not with_module)
        switch_to = None if keeps_program else prepared
        if fits and (switch_to is None or _breaks_nobody(hosted, switch_to)):
            return await _in_place(hosted, copied, site.operator.identity, switch_to, is_same=prepared is None)
        return await _behind_closed_doors(site, record, kept, copied, keeps_program=keeps_program)


def _read(kept: Snapshots, name: str, identity: Identity) -> _Copied:
    info = kept.find(name)
    with kept.open(name) as copy:
        copy.check()
        copy.expect(identity)
        program = copy.program
        assert program is not None, "snapshots are taken of databases that serve"
        return _Copied(info, program, copy.state())


def _prepared(site: Site, hosted: HostedDatabase | None, program: Program) -> Prepared | None:
    """The snapshot's program, ready to serve; None when it is the one that runs. Refusal 400."""
    running = None if hosted is None else hosted.database.program
    if running is not None and running.hash == program.hash:
        return None
    prepared = site.prepare(program, None if hosted is None else hosted.database.identity)
    if isinstance(prepared, Sequence):
        raise Refusal(400, f"the module of this snapshot cannot be loaded: {reasons(prepared)}")
    return prepared


def _breaks_nobody(hosted: HostedDatabase, prepared: Prepared) -> bool:
    try:
        return not hosted.database.plan(prepared).breaks_clients
    except Problems:
        return False


async def _in_place(
    hosted: HostedDatabase, copied: _Copied, caller: Identity, prepared: Prepared | None, *, is_same: bool
) -> Restoration:
    """One transaction, then those that let everybody in who is here and was not then."""

    database = hosted.database
    running = database.program

    def change() -> Restored:
        hosted.outage.check()
        if database.program != running:
            raise Refusal(409, "another module was published meanwhile: look at it, and restore again")
        restored = hosted.run(None, lambda: database.restore(copied.state, caller, prepared))
        rejoined = hosted.run("client_connected", lambda: database.rejoin(copied.state))
        for committed in (*restored.committed, *rejoined.committed):
            hosted.fan_out(committed.groups)
        hosted.send_away((*restored.drop, *rejoined.drop), CloseCode.GOING_AWAY, _REASON)
        return restored

    restored, before = await hosted.lossy_step(change, step="restore", detail=f"restore of `{copied.info.name}`")
    module = "same" if is_same else "kept" if prepared is None else "restored"
    hosted.log(LogLevel.INFO, f"Restored snapshot `{copied.info.name}`")
    hosted.settle()
    return Restoration(
        snapshot=copied.info,
        before=before,
        offset=restored.committed[0].offset,
        module=module,
        disconnected=bool(restored.drop),
    )


async def _behind_closed_doors(
    site: Site, record: DatabaseRecord, kept: Snapshots, copied: _Copied, *, keeps_program: bool
) -> Restoration:
    databases, now = site.databases, site.clock()
    retention = databases.snapshots(record.identity).retention
    done = await databases.while_closed(
        record.identity,
        _REASON,
        lambda folder: restore_closed(
            folder,
            kept,
            copied.info.name,
            identity=record.identity,
            caller=site.operator.identity,
            now=now,
            keeps_program=keeps_program,
            retention=retention,
        ),
    )
    hosted = databases.find(record.identity.to_hex())
    hosted.log(LogLevel.INFO, f"Restored snapshot `{copied.info.name}`")
    hosted.settle()
    return Restoration(
        snapshot=copied.info,
        before=done.before,
        offset=done.offset,
        module="kept" if keeps_program else "restored",
        disconnected=True,
        damaged=done.damaged,
    )

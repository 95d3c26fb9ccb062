"""From options to a site: keys, operator, and every database with its store, its log and its module."""

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from stdbctl.engine import Database
from stdbctl.errors import Fault
from stdbctl.module import PythonHost
from stdbctl.records import ProgramKind
from stdbctl.sats import Identity
from stdbctl.server.auth import Authority
from stdbctl.server.clock import Clock
from stdbctl.server.compaction import CompactionPlan
from stdbctl.server.culprit import IMPORT, Culprit, reasons_of
from stdbctl.server.databases import Databases
from stdbctl.server.gate import HostNames
from stdbctl.server.guard import RunawayGuard
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.journal import Journal
from stdbctl.server.keys import open_key
from stdbctl.server.operator import open_operator
from stdbctl.server.options import ServerOptions
from stdbctl.server.site import GuardedHost, Site, WatchedHost
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.store import DataDir, Log, MemoryDatabases, MemoryLog, StoreFault

_LOGGER = logging.getLogger("stdbctl.server")


class ModuleEndsServer(Fault):
    """The import of a stored module took the server down while it started, so it is not tried again."""

    code = "server.module_ends_server"

    def __init__(self, how: str) -> None:
        super().__init__(
            f"the import of its module {how}",
            why="the other databases are served without it",
            fix="stop and start the server to try it once more, or delete the database and publish it anew",
        )


async def open_site(options: ServerOptions, guard: RunawayGuard, blocked: Sequence[Culprit] = ()) -> Site:
    """Open everything; faults when the keys or the data folder cannot be used. `blocked`: what is run no more."""
    authority = Authority(open_key(options.key_dir), time.time)
    operator = open_operator(options.operator_file, authority)
    shelf = MemoryDatabases() if options.data_dir is None else DataDir(options.data_dir)
    if isinstance(shelf, DataDir) and shelf.notice:
        _LOGGER.warning(shelf.notice)
    clock = Clock()
    python = PythonHost(clock)
    guard.stop_leftover = python.stop_leftover
    hosts: dict[ProgramKind, GuardedHost] = {ProgramKind.PYTHON: python}

    compact = CompactionPlan(options.retention, options.compact_every_s)

    def open_database(identity: Identity) -> HostedDatabase:
        with contextlib.ExitStack() as undo:
            store = shelf.open_store(identity)
            undo.callback(store.close)
            journal = Journal(_open_log(shelf, identity))
            undo.callback(journal.close)
            program = store.load().program
            place = identity.data + (bytes(32) if program is None else bytes.fromhex(program.hash))
            reasons = reasons_of(blocked, place)
            if IMPORT in reasons:
                raise ModuleEndsServer(reasons[IMPORT])
            watched = {kind: WatchedHost(host, guard, place) for kind, host in hosts.items()}

            def watch(interrupt: Callable[[], None]) -> AbstractContextManager[None]:
                return guard.watching(place, interrupt, "client_disconnected")

            with store.loading():
                database = Database.open(store, watched, clock=clock, log=journal.write, blocked=reasons, watch=watch)
            undo.pop_all()
        return HostedDatabase(
            database,
            history=store,
            compact=compact,
            snapshots=databases.snapshots(identity),
            journal=journal,
            guard=guard,
            operator=operator.identity,
            clock=clock,
            probe=store.probe,
        )

    def snapshots(identity: Identity) -> SnapshotKeeper:
        return SnapshotKeeper(shelf.snapshots(identity, clock), options.snapshot_retention)

    databases = Databases(shelf, open_database, snapshots, clock, options.turn_s)
    await databases.open_all()
    names = HostNames(options.listen_hosts, options.allowed_hosts)
    return Site(options, authority, operator, names, databases, hosts, guard, clock)


def _open_log(shelf: MemoryDatabases | DataDir, identity: Identity) -> Log:
    """The module's log; in memory when its file cannot be opened: that is no reason not to serve."""
    try:
        return shelf.open_log(identity)
    except StoreFault as fault:
        _LOGGER.error("the log of database %s is kept in memory until the server ends: %s", identity, fault)
        return MemoryLog()

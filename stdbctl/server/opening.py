"""From options to a site: keys, operator, and every database with its store, its log and its module."""

import contextlib
import logging
import time

from stdbctl.engine import Database
from stdbctl.module import PythonHost
from stdbctl.records import ProgramKind
from stdbctl.sats import Identity
from stdbctl.server.auth import Authority
from stdbctl.server.clock import Clock
from stdbctl.server.compaction import CompactionPlan
from stdbctl.server.databases import Databases
from stdbctl.server.gate import HostNames
from stdbctl.server.guard import RunawayGuard
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.journal import Journal
from stdbctl.server.keys import open_key
from stdbctl.server.operator import open_operator
from stdbctl.server.options import ServerOptions
from stdbctl.server.site import GuardedHost, Site
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.store import DataDir, Log, MemoryDatabases, MemoryLog, StoreFault

_LOGGER = logging.getLogger("stdbctl.server")


async def open_site(options: ServerOptions, guard: RunawayGuard) -> Site:
    """Open everything; faults when the keys or the data folder cannot be used."""
    authority = Authority(open_key(options.key_dir), time.time)
    operator = open_operator(options.operator_file, authority)
    shelf = MemoryDatabases() if options.data_dir is None else DataDir(options.data_dir)
    clock = Clock()
    python = PythonHost(clock)
    hosts: dict[ProgramKind, GuardedHost] = {ProgramKind.PYTHON: python}

    compact = CompactionPlan(options.retention, options.compact_every_s)

    def open_database(identity: Identity) -> HostedDatabase:
        with contextlib.ExitStack() as undo:
            store = shelf.open_store(identity)
            undo.callback(store.close)
            journal = Journal(_open_log(shelf, identity))
            undo.callback(journal.close)
            with store.loading(), guard.watching(identity.data, python.interrupt, "client_disconnected"):
                database = Database.open(store, hosts, clock=clock, log=journal.write)
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

    databases = Databases(shelf, open_database, snapshots, clock)
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

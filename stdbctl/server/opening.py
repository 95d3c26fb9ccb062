"""From options to a site: keys, operator, and every database with its store, its log and its module."""

import contextlib
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
from stdbctl.store import DataDir, MemoryDatabases


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
            journal = Journal(shelf.open_log(identity))
            undo.callback(journal.close)
            store = shelf.open_store(identity)
            undo.callback(store.close)
            with guard.watching(identity.data, python.interrupt, "client_disconnected"):
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
        )

    def snapshots(identity: Identity) -> SnapshotKeeper:
        return SnapshotKeeper(shelf.snapshots(identity, clock), options.snapshot_retention)

    databases = Databases(shelf, open_database, snapshots, clock)
    await databases.open_all()
    names = HostNames(options.listen_hosts, options.allowed_hosts)
    return Site(options, authority, operator, names, databases, hosts, guard, clock)

"""One database: a module, its tables, its clients and their subscriptions.

All methods run on one thread, one at a time; only what `begin_commit` returns may run on another. Nothing here reads
a clock by itself, waits, or knows a socket.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Self

from stdbctl.engine.beginning import BegunAnew, reset
from stdbctl.engine.blocking import block
from stdbctl.engine.connections import Connections, Watch
from stdbctl.engine.deployment import Deployment
from stdbctl.engine.errors import NoProgram
from stdbctl.engine.imports import Exported, Imported, export_rows, import_rows
from stdbctl.engine.one_off import select_rows, whole_rows
from stdbctl.engine.opening import stored_deployment
from stdbctl.engine.outside_calls import bad_arguments, callable_function
from stdbctl.engine.plan_over import module_of, tried_plan
from stdbctl.engine.ports import Host, Log, Prepared, Store
from stdbctl.engine.publish import create, publish, samples
from stdbctl.engine.restore import changes_to, fits, restore_rows
from stdbctl.engine.results import (
    Client,
    Committed,
    Lost,
    Progress,
    Published,
    QueryResult,
    QuerySetRows,
    Restored,
    Sample,
)
from stdbctl.engine.rewrites import Pause, never, result_of
from stdbctl.engine.scheduled_calls import first_due, give_up, run_due
from stdbctl.engine.schedules import Due
from stdbctl.engine.timeline import Clock, Timeline
from stdbctl.errors import Fault
from stdbctl.records import Program, ProgramKind, Snapshot, StoredState
from stdbctl.sats import ConnectionId, DecodeError, Identity, JsonError
from stdbctl.schema import NO_CHOICES, Choices, MigrationPlan, ModuleDef, RewriteRows
from stdbctl.transfer import ImportMode, Staging

_NO_REASONS: Mapping[str, str] = {}


def _unwatched(_interrupt: Callable[[], None]) -> AbstractContextManager[None]:
    return nullcontext()


class Database:
    """See the module's docstring. Made by `open`.

    Offsets number the transactions from 1 without gaps. Everything up to `durable_offset` is on disk; what leaves the
    server under the promise of durability must wait until `durable_offset` reaches the offset given with it.
    """

    def __init__(self, store: Store, snapshot: Snapshot, timeline: Timeline, log: Log) -> None:
        self._store, self._timeline, self._log = store, timeline, log
        self._connections = Connections(timeline)
        self.identity, self.owner = snapshot.identity, snapshot.owner

    @classmethod
    def open(
        cls,
        store: Store,
        hosts: Mapping[ProgramKind, Host],
        *,
        clock: Clock,
        log: Log,
        blocked: Mapping[str, str] = _NO_REASONS,
        watch: Watch = _unwatched,
    ) -> Self:
        """Bring a stored database back, as of its last durable transaction, and run what a crash left undone.

        `client_disconnected` has run, and is on disk, for the connections that died with the last server.
        `clock() -> µs since 1970`; `log` takes the records of the module's log. `blocked`: see `block`.
        `watch(interrupt)` is entered around each of those hooks; after some that were stopped the others are left out.

        Raises:
            Problems: the stored program cannot be prepared.
            ProgramMismatch: it does not declare the tables that are stored.
            UnreadableRows: stored bytes are no row of their table.
            Fault: what the store says.
        """
        snapshot = store.load()
        timeline = Timeline(store, snapshot, clock=clock, log=log)
        database = cls(store, snapshot, timeline, log)
        if snapshot.program is not None:
            timeline.switch(stored_deployment(store, timeline, snapshot, snapshot.program, hosts, log))
            database.block(blocked)
        database._connections.see_off(snapshot.connections, watch, database.interrupt)
        database.flush()
        return database

    @property
    def program(self) -> Program | None:
        """What runs; None before the first publish."""
        live = self._timeline.live
        return None if live is None else live.program

    @property
    def module(self) -> ModuleDef | None:
        """The definition of what runs; None before the first publish."""
        live = self._timeline.live
        return None if live is None else live.module

    @property
    def table_names(self) -> Mapping[int, str]:
        """The names of all tables that there ever were, by the ids that history knows them by."""
        return self._timeline.table_names

    @property
    def row_counts(self) -> dict[str, int]:
        """How many rows each table of what runs has, by name."""
        live = self._timeline.live
        return {} if live is None else {name: len(table.rows) for name, table in live.tables_by_name.items()}

    @property
    def live_table_names(self) -> dict[int, str]:
        """The names of the tables of what runs, by id."""
        live = self._timeline.live
        return {} if live is None else {table_id: table.name for table_id, table in live.tables.items()}

    @property
    def last_offset(self) -> int:
        """The newest transaction in memory."""
        return self._timeline.last_offset

    @property
    def durable_offset(self) -> int:
        """The newest transaction on disk."""
        return self._timeline.durable_offset

    # --- calls ---

    def call(
        self,
        name: str,
        args: bytes,
        *,
        identity: Identity,
        connection_id: ConnectionId | None,
        client: Client | None,
        is_owner: bool,
    ) -> Committed:
        """Run a reducer. `args`: BSATN product of its parameters. `client`: who hears of it in `Committed.own`.

        Raises:
            NoSuchReducer, LifecycleCall, BadArguments: nothing ran.
        """
        live = self._timeline.live
        function = None if live is None else live.functions.get(name)
        if live is None or function is None or function.lifecycle is not None or function.is_private:
            live, function = callable_function(self._timeline, name, is_owner=is_owner)
        try:
            values = function.decode(args)
        except DecodeError as error:
            raise bad_arguments(self._timeline, name, error) from error
        return self._timeline.run(live, function, args, values, identity, connection_id, client)

    def call_json(
        self,
        name: str,
        data: object,
        *,
        identity: Identity,
        connection_id: ConnectionId | None,
        client: Client | None,
        is_owner: bool,
    ) -> Committed:
        """The same with arguments as decoded JSON: an array, or an object by source names."""
        live, function = callable_function(self._timeline, name, is_owner=is_owner)
        try:
            args = function.codec.encode(function.from_json(data))
        except JsonError as error:
            raise bad_arguments(self._timeline, name, error) from error
        values = function.decode(args)
        return self._timeline.run(live, function, args, values, identity, connection_id, client)

    @property
    def next_due(self) -> int | None:
        """When the next scheduled row runs, microseconds on the clock; None when none waits."""
        return self._timeline.schedules.next_at

    def due(self) -> Due | None:
        """The scheduled row whose turn it is now, if any: overdue ones first, then table id, then primary key."""
        return first_due(self._timeline)

    def run_due(self, due: Due) -> tuple[Committed, ...]:
        """Run the row that `due` gave, in the database's own name: the outcome, then what else it took to end it."""
        return run_due(self._timeline, due, self.identity)

    def give_up(self, table_id: int, key: int) -> None:
        """End a scheduled row that runs once, without running it."""
        give_up(self._timeline, table_id, key)

    def block(self, reasons: Mapping[str, str]) -> None:
        """Run these functions (by name or lifecycle event) no more until the next publish; callers get the reason."""
        if self._timeline.live is not None:
            block(self._timeline.live, reasons)

    def interrupt(self) -> None:
        """End the running call soon; may be called from any thread or a signal handler."""
        running = self._timeline.running
        if running is not None:
            running.interrupt()

    # --- connections ---

    def connect(self, client: Client, identity: Identity, connection_id: ConnectionId) -> Committed:
        """Let a client in: `client_connected` runs. Unless the outcome is DONE it is refused; nothing remains of it."""
        return self._connections.connect(client, identity, connection_id)

    def disconnect(self, client: Client) -> Committed:
        """End a connection: its subscriptions go, `client_disconnected` runs; it is gone even if that fails.

        The outcome is the reducer's. For a client that is not connected nothing happens.
        """
        return self._connections.disconnect(client)

    # --- queries ---

    def subscribe(self, client: Client, query_set_id: int, queries: Iterable[str]) -> QuerySetRows:
        """Register a query set and return its present rows; what follows is the difference to them.

        Raises:
            QueryError: one of the queries is refused; nothing is registered.
            DuplicateQuerySet, UnknownClient.
        """
        return self._connections.subscribe(self._running(), client, query_set_id, queries, self.owner)

    def unsubscribe(self, client: Client, query_set_id: int) -> QuerySetRows:
        """Drop a query set and return its present rows, which the client is to forget.

        Raises:
            UnknownQuerySet, UnknownClient.
        """
        return self._connections.unsubscribe(self._running(), client, query_set_id)

    def query(self, sql: str, identity: Identity, is_owner: bool) -> QueryResult:
        """Run a SELECT; raises QueryError with SpacetimeDB's text."""
        return select_rows(self._running(), sql, identity, is_owner, self.last_offset)

    def one_off(self, sql: str, identity: Identity, is_owner: bool) -> QuerySetRows:
        """Answer a client's one-off query: rows of exactly one table; raises QueryError with SpacetimeDB's text."""
        return whole_rows(self._running(), sql, identity, is_owner, self.last_offset)

    def _running(self) -> Deployment:
        live = self._timeline.live
        if live is None:
            raise NoProgram
        return live

    # --- rows out and in ---

    def export_rows(self, tables: Iterable[str]) -> Exported:
        """All rows of these tables (canonical names) as of now."""
        return export_rows(self._running(), tables, self.last_offset)

    def import_rows(self, staging: Staging, mode: ImportMode, caller: Identity) -> Imported:
        """Insert what was read from files, in one transaction. Problems, ModuleChanged: nothing was changed."""
        return import_rows(self._timeline, self._running(), caller, staging, mode)

    def reset(self) -> BegunAnew:
        """Empty every table and begin anew with `init` and the seed, in the owner's name; one transaction.

        Raises:
            Problems: a seed file does not fit; nothing happened.
            InitFailed: `init` or a seed function did not end well; nothing happened.
        """
        return reset(self._timeline, self._running(), self.owner)

    # --- publishing ---

    def plan(self, prepared: Prepared, choices: Choices = NO_CHOICES) -> MigrationPlan:
        """What a publish over the running module would migrate; raises Problems when it cannot be.

        Cost: a pass over the rows of each table that gets a unique constraint or a sequence.
        """
        return tried_plan(self._running(), prepared, choices)

    def samples(self, prepared: Prepared, plan: MigrationPlan, choices: Choices = NO_CHOICES) -> tuple[Sample, ...]:
        """What the migration functions of a plan would make of a few rows; raises Problems when one fails at them.

        Cost: one pass over the rows of changed tables, nothing for a plan without such functions.
        """
        return result_of(self.sampling(prepared, plan, choices))

    def sampling(
        self, prepared: Prepared, plan: MigrationPlan, choices: Choices = NO_CHOICES
    ) -> Generator[None, None, tuple[Sample, ...]]:
        """The same in two steps, of which only the second runs the author's code. Nothing may come between them."""
        if not any(isinstance(step, RewriteRows) for step in plan.steps):
            return ()
        return (yield from samples(self._timeline, self.owner, self._running(), prepared, plan, choices, self._log))

    def publish(
        self,
        prepared: Prepared,
        *,
        allow_breaking: bool = False,
        choices: Choices = NO_CHOICES,
        clear: bool = False,
    ) -> Published:
        """Switch to a program. First time: make its tables and run `init`; later: migrate. All of it or nothing.

        The new program serves when this returns; if its commit fails, the old one is back (see `end_commit`).
        `clear`: drop all tables, and begin as for the first time; connections end without `client_disconnected`, of
        which the new tables know nothing.

        Raises:
            Problems: the definition or the migration is refused; the running module goes on.
            InitFailed: nothing was published.
        """
        if clear:
            return self._start_over(prepared)
        return result_of(self.publishing(prepared, allow_breaking=allow_breaking, choices=choices))

    def publishing(
        self,
        prepared: Prepared,
        *,
        allow_breaking: bool = False,
        choices: Choices = NO_CHOICES,
        pause: Pause = never,
    ) -> Generator[Progress | None, None, Published]:
        """Publish in steps: while migration functions run, it yields how far they are whenever `pause` says so.

        It also yields before the first row of each table, and None before the step that changes the database. A plan
        without such functions has one step. Between two nothing may be asked of the database but reading; closing the
        generator gives up.
        """
        published = yield from publish(
            self._timeline,
            self.owner,
            prepared,
            allow_breaking=allow_breaking,
            choices=choices,
            log=self._log,
            pause=pause,
        )
        if published.plan is None:
            return published
        return replace(published, drop=self._connections.shut_out(published.plan, self.owner))

    def _start_over(self, prepared: Prepared) -> Published:
        ended = self._connections.all()
        published = create(self._timeline, self.owner, prepared, self._log, ended=ended)
        return replace(published, drop=self._connections.forget(ended))

    def fits(self, prepared: Prepared) -> bool:
        """Whether the rows of another program's tables can stand in the running ones, as they are."""
        return fits(self._running(), module_of(prepared))

    def restore(self, state: StoredState, caller: Identity, prepared: Prepared | None = None) -> Restored:
        """Make an earlier state the newest one. Its tables must fit the running ones (`fits`).

        `prepared`: the program that comes back with it; the plan must break no clients. `caller`: who asked for it.
        UnreadableRows: nothing was changed.
        """
        changes = changes_to(self._running(), state)
        drop = () if prepared is None else self.publish(prepared).drop
        return Restored(committed=(restore_rows(self._timeline, self._running(), changes, state, caller),), drop=drop)

    def rejoin(self, state: StoredState) -> Restored:
        """After a restore: see those off who were connected then, let those in who are now; runs the module's hooks."""
        return self._connections.rejoin(state.connections)

    # --- durability ---

    def begin_commit(self) -> Callable[[], None] | None:
        """Write what is queued to the store; run the result on another thread: it is the fsync. None = nothing to do.

        Calls may go on meanwhile. Whatever the result raises goes to `end_commit`, which must follow on this thread.
        """
        return self._timeline.group.begin()

    def end_commit(self, error: BaseException | None) -> Lost | None:
        """Without an error `durable_offset` moves. With one, memory goes back to it, and what is lost is returned.

        The database goes on from there: the next call and the next group are tried as usual.
        """
        if error is None:
            for pending in self._timeline.succeed():
                if pending.extra.replaced is not None:
                    pending.extra.replaced.instance.close()
            return None
        return self._lose(error)

    def flush(self) -> None:
        """Commit everything on this thread, waiting for the disk; raises what the store raises once memory is back."""
        commit = self.begin_commit()
        if commit is None:
            return
        try:
            commit()
        except BaseException as error:
            self.end_commit(error)
            raise
        self.end_commit(None)

    def close(self) -> None:
        """Let go of the program and the store. What is still queued is lost: `flush` first."""
        live = self._timeline.live
        if live is not None:
            live.instance.close()
        self._store.close()

    def _lose(self, error: BaseException) -> Lost:
        first, last = self.durable_offset + 1, self.last_offset
        lost = self._timeline.fail()
        try:
            self._store.rollback()
        except Fault as fault:  # the worse of the two: what is on disk is not known any more
            fault.add_note(f"the commit failed before: {error}")
            error = fault
        clients = self._connections.take_back(lost, first)
        for pending in lost:
            if pending.extra.schema is not None and pending.deployment is not None:
                pending.deployment.instance.close()
        return Lost(first=first, last=last, clients=clients, error=error)

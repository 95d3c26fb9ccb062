"""One database: a module, its tables, its clients and their subscriptions.

All methods run on one thread, one at a time; only what `begin_commit` returns may run on another. Nothing here reads
a clock by itself, waits, or knows a socket.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Self, TypeVar

from stdbctl.engine.beginning import BegunAnew, reset
from stdbctl.engine.blocking import FAREWELLS_STOPPED_MAX, block, tell_farewells_left_out
from stdbctl.engine.collector import collector_paused
from stdbctl.engine.deployment import Deployment, Function
from stdbctl.engine.errors import BadArguments, LifecycleCall, NoProgram, NoSuchReducer
from stdbctl.engine.group_commit import NO_EXTRA, Connection, Extra
from stdbctl.engine.imports import Exported, Imported, export_rows, import_rows
from stdbctl.engine.next_tables import UnreadableRows, opened_tables
from stdbctl.engine.plan_over import module_of, tried_plan
from stdbctl.engine.ports import Host, Log, Prepared, Store
from stdbctl.engine.publish import create, deploy, publish, samples
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
from stdbctl.engine.rewrites import Pause, never
from stdbctl.engine.scheduled_calls import first_due, give_up, run_due
from stdbctl.engine.schedules import Due
from stdbctl.engine.shut_out import shut_out
from stdbctl.engine.subscriptions import matching_rows, query_rows
from stdbctl.engine.timeline import Clock, Timeline
from stdbctl.errors import Fault, Problems
from stdbctl.query import Plan, plan_one_off, plan_select, plan_subscription
from stdbctl.records import EntryKind, LogLevel, OutcomeKind, Program, ProgramKind, Snapshot, StoredState
from stdbctl.sats import (
    ConnectionId,
    DecodeError,
    Identity,
    JsonError,
    ProductElement,
    ProductType,
    compile_codec,
)
from stdbctl.schema import NO_CHOICES, Choices, Lifecycle, MigrationPlan, ModuleDef, RewriteRows
from stdbctl.transfer import ImportMode, Staging

T = TypeVar("T")
Watch = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Given what interrupts a hook: a context in which it runs under a limit."""
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
        self._subscriptions = timeline.subscriptions
        self.identity, self.owner = snapshot.identity, snapshot.owner
        self._clients: dict[Client, Connection] = {}
        self._set_offsets: dict[Client, int] = {}
        """When a client last subscribed or unsubscribed: the newest offset it may have seen by that."""

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
            database._restore(snapshot, snapshot.program, hosts)
            database.block(blocked)
        database._end_stale_connections(snapshot, watch)
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
    def live_table_ids(self) -> frozenset[int]:
        """The ids of the tables of what runs."""
        live = self._timeline.live
        return frozenset(() if live is None else live.tables)

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
            live, function = self._checked(name, is_owner)
        try:
            values = function.decode(args)
        except DecodeError as error:
            raise self._bad_arguments(name, error) from error
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
        live, function = self._checked(name, is_owner)
        try:
            args = function.codec.encode(function.from_json(data))
        except JsonError as error:
            raise self._bad_arguments(name, error) from error
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

    def _checked(self, name: str, is_owner: bool) -> tuple[Deployment, Function]:
        live = self._timeline.live
        function = None if live is None else live.functions.get(name)
        if function is not None and function.lifecycle is not None:
            raise LifecycleCall(name, function.lifecycle)
        if live is None or function is None or (function.is_private and not is_owner):
            self._timeline.tell(
                LogLevel.ERROR,
                f'External attempt to call nonexistent reducer "{name}" failed. '
                "Have you run `spacetime generate` recently?",
                function=name,
            )
            raise NoSuchReducer(name)
        return live, function

    def _bad_arguments(self, name: str, error: DecodeError | JsonError) -> BadArguments:
        self._timeline.tell(
            LogLevel.ERROR,
            f'External attempt to call reducer "{name}" failed, invalid arguments.\n'
            "This is likely due to a mismatched client schema, have you run `spacetime generate` recently?",
            function=name,
        )
        return BadArguments(name, f"{error.path}: {error}" if isinstance(error, JsonError) else str(error))

    # --- connections ---

    def connect(self, client: Client, identity: Identity, connection_id: ConnectionId) -> Committed:
        """Let a client in: `client_connected` runs. Unless the outcome is DONE it is refused; nothing remains of it."""
        assert client not in self._clients, "a client connects once"
        connection = Connection(client, identity, connection_id)
        committed = self._lifecycle(Lifecycle.ON_CONNECT, connection, Extra(joined=connection))
        if committed.outcome.kind is OutcomeKind.DONE:
            self._clients[client] = connection
            self._subscriptions.add_client(client)
        return committed

    def disconnect(self, client: Client) -> Committed:
        """End a connection: its subscriptions go, `client_disconnected` runs; it is gone even if that fails.

        The outcome is the reducer's. For a client that is not connected nothing happens.
        """
        connection = self._clients.pop(client, None)
        if connection is None:
            return self._timeline.nothing()
        self._subscriptions.remove_client(client)
        self._set_offsets.pop(client, None)
        return self._leave(connection)

    def _leave(self, connection: Connection) -> Committed:
        gone = Extra(left=(connection,))
        committed = self._lifecycle(Lifecycle.ON_DISCONNECT, connection, gone)
        if committed.outcome.kind is OutcomeKind.DONE:
            return committed
        return self._note_gone(connection)._replace(outcome=committed.outcome)

    def _note_gone(self, connection: Connection) -> Committed:
        """Record that a connection is gone, without its hook."""
        _, identity, connection_id = connection
        return self._timeline.note(
            self._timeline.live, identity, connection_id, EntryKind.LIFECYCLE, Extra(left=(connection,))
        )

    def _lifecycle(self, lifecycle: Lifecycle, connection: Connection, extra: Extra) -> Committed:
        client, identity, connection_id = connection
        live = self._timeline.live
        function = None if live is None else live.lifecycle.get(lifecycle)
        if live is None or function is None:
            return self._timeline.note(live, identity, connection_id, EntryKind.LIFECYCLE, extra)
        return self._timeline.run(live, function, b"", (), identity, connection_id, client, EntryKind.LIFECYCLE, extra)

    # --- queries ---

    def subscribe(self, client: Client, query_set_id: int, queries: Iterable[str]) -> QuerySetRows:
        """Register a query set and return its present rows; what follows is the difference to them.

        Raises:
            QueryError: one of the queries is refused; nothing is registered.
            DuplicateQuerySet, UnknownClient.
        """
        self._subscriptions.check_new(client, query_set_id)
        live, identity = self._running(), self._clients[client].identity
        is_owner = identity == self.owner
        plans = [plan for sql in queries for plan in plan_subscription(sql, live.module, identity, is_owner)]
        self._subscriptions.add(client, query_set_id, plans, live.table)
        return self._rows(client, self._subscriptions.plans(client, query_set_id), live)

    def unsubscribe(self, client: Client, query_set_id: int) -> QuerySetRows:
        """Drop a query set and return its present rows, which the client is to forget.

        Raises:
            UnknownQuerySet, UnknownClient.
        """
        return self._rows(client, self._subscriptions.remove(client, query_set_id), self._running())

    def query(self, sql: str, identity: Identity, is_owner: bool) -> QueryResult:
        """Run a SELECT; raises QueryError with SpacetimeDB's text."""
        live = self._running()
        select = plan_select(sql, live.module, identity, is_owner)
        table = live.table(select.table)
        rows = tuple(select.run(lambda _: [stored.row for stored in table.candidates(select.filters)]))
        row_type = ProductType(tuple(ProductElement(name, type_) for name, type_ in select.columns))
        encode = compile_codec(row_type, live.module.typespace).encode
        return QueryResult(select.table, select.columns, rows, tuple([encode(row) for row in rows]), self.last_offset)

    def one_off(self, sql: str, identity: Identity, is_owner: bool) -> QuerySetRows:
        """Answer a client's one-off query: rows of exactly one table; raises QueryError with SpacetimeDB's text."""
        live = self._running()
        plan = plan_one_off(sql, live.module, identity, is_owner)
        rows = () if plan.is_event else matching_rows(plan, live.table(plan.table))
        return QuerySetRows(((plan.table, rows),), self.last_offset)

    def _rows(self, client: Client, plans: Iterable[Plan], live: Deployment) -> QuerySetRows:
        self._set_offsets[client] = self.last_offset
        return QuerySetRows(query_rows(plans, live.table), self.last_offset)

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
        return _result(self.sampling(prepared, plan, choices))

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
        return _result(self.publishing(prepared, allow_breaking=allow_breaking, choices=choices))

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
        drop = shut_out(published.plan, self._clients, self._subscriptions, self.owner)
        for client in drop:
            self._subscriptions.clear_client(client)
        return replace(published, drop=drop)

    def _start_over(self, prepared: Prepared) -> Published:
        clients = dict(self._clients)
        published = create(self._timeline, self.owner, prepared, self._log, ended=tuple(clients.values()))
        for client in clients:
            del self._clients[client]
            self._subscriptions.remove_client(client)
            self._set_offsets.pop(client, None)
        return replace(published, drop=tuple(clients))

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
        committed: list[Committed] = []
        here, then = tuple(self._clients.values()), set(state.connections)
        now = {(connection.connection_id, connection.identity) for connection in here}
        for connection_id, identity in state.connections:
            if (connection_id, identity) not in now:
                committed.append(self._leave(Connection(None, identity, connection_id)))
        drop = []
        for client, identity, connection_id in here:
            if (connection_id, identity) in then:
                continue
            joined = self._lifecycle(Lifecycle.ON_CONNECT, Connection(None, identity, connection_id), NO_EXTRA)
            committed.append(joined)
            drop += [] if joined.outcome.kind is OutcomeKind.DONE else [client]
        return Restored(committed=tuple(committed), drop=tuple(drop))

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
        clients = {client: None for client, offset in self._set_offsets.items() if offset >= first}
        for pending in lost:
            joined, left, schema = pending.extra.joined, pending.extra.left, pending.extra.schema
            if joined is not None:
                self._clients.pop(joined.client, None)
                self._subscriptions.remove_client(joined.client)
                clients[joined.client] = None
            for connection in left:
                if connection.client is None:  # of a time that was restored
                    continue
                self._clients[connection.client] = connection
                self._subscriptions.add_client(connection.client)
                clients[connection.client] = None
            if schema is not None and pending.deployment is not None:
                pending.deployment.instance.close()
                clients |= dict.fromkeys(self._clients)
        for client in clients:
            self._subscriptions.clear_client(client)
            self._set_offsets.pop(client, None)
        return Lost(first=first, last=last, clients=tuple(clients), error=error)

    # --- restart ---

    def _restore(self, snapshot: Snapshot, program: Program, hosts: Mapping[ProgramKind, Host]) -> None:
        prepared = hosts[program.kind].prepare(program)
        if isinstance(prepared, Sequence):
            raise Problems(prepared)
        module = module_of(prepared)
        tables = opened_tables(module, snapshot.tables, self._timeline.journal)
        counters = {(state.table_id, state.column): state.next_value for state in snapshot.sequences}
        for table in tables:
            try:
                with collector_paused():
                    table.restore(self._store.rows(table.table_id))
            except DecodeError as error:
                raise UnreadableRows(table.name, error) from error
            for sequence in table.sequences:
                sequence.next_value = counters.get((table.table_id, sequence.column), sequence.next_value)
        self._timeline.switch(deploy(prepared, module, tables, self._log))

    def _end_stale_connections(self, snapshot: Snapshot, watch: Watch) -> None:
        stopped = 0
        for done, (connection_id, identity) in enumerate(snapshot.connections):
            connection = Connection(None, identity, connection_id)
            if stopped == FAREWELLS_STOPPED_MAX:
                self._note_gone(connection)
                continue
            with watch(self.interrupt):
                stopped += self._leave(connection).outcome.kind is OutcomeKind.STOPPED
            if stopped == FAREWELLS_STOPPED_MAX:
                tell_farewells_left_out(self._timeline, len(snapshot.connections) - done - 1)
        self.flush()


def _result(steps: Generator[object, None, T]) -> T:
    """Go through all steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result

"""One transaction after the other: timestamps, offsets, history entries, and the way back when the disk says no.

run ─► transaction ─► instance.call_reducer ─► commit in memory ─► entry in the queue ─► updates per group of clients
"""

from collections.abc import Callable
from struct import Struct

from stdbctl.engine.deployment import Deployment, Function
from stdbctl.engine.group_commit import NO_EXTRA, Extra, GroupCommit, Pending
from stdbctl.engine.journal import Journal, SequenceUndo
from stdbctl.engine.ports import Instance, Log, Store
from stdbctl.engine.results import Client, Committed
from stdbctl.engine.schedules import Schedules
from stdbctl.engine.subscriptions import Subscriptions
from stdbctl.engine.transaction import Transaction
from stdbctl.records import (
    DONE,
    SYSTEM_TARGET,
    Call,
    Entry,
    EntryKind,
    LogLevel,
    LogRecord,
    Outcome,
    OutcomeKind,
    Row,
    RowChanges,
    SequenceState,
    Snapshot,
)
from stdbctl.sats import ConnectionId, Identity, Timestamp

Clock = Callable[[], int]
"""Microseconds since 1970, UTC."""

_new = tuple.__new__
"""Makes a named tuple in C, half as dear as by its own `__new__`; for those that every call needs."""
_bare = object.__new__
"""Makes an object in C, without its own `__init__`, which costs more than all else of it."""
_DONE = OutcomeKind.DONE
_CUT_SHORT = Outcome(OutcomeKind.FAILED, "The instance encountered a fatal error.")
"""A program that swallowed what interrupted a change of a table: it ends as if it had not."""
_first_number = Struct("<Q").unpack_from
_SEED_MASK = (1 << 64) - 1
_SEED_FACTOR = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: spreads neighbouring timestamps over all bits."""


def seed_of(timestamp: Timestamp, identity: Identity) -> int:
    """The random seed of a call."""
    salt: int = _first_number(identity.data)[0]
    return (timestamp.micros * _SEED_FACTOR ^ salt) & _SEED_MASK


class Timeline:
    """The state that moves with every transaction. `live`: the running deployment, None before the first publish.

    `running`: the instance that was called last, which is not the live one while `init` runs.
    `last_offset`: the newest transaction in memory; `durable_offset`: the newest one on disk.
    `table_names`: every table that there ever was, by id.
    """

    def __init__(self, store: Store, snapshot: Snapshot, *, clock: Clock, log: Log) -> None:
        self.clock, self._log = clock, log
        self._last_micros = snapshot.last_timestamp_micros
        self.identity = snapshot.identity
        self.last_offset = self.durable_offset = snapshot.last_offset
        self.table_names = {**snapshot.table_names, **{table.table_id: table.name for table in snapshot.tables}}
        self.live: Deployment | None = None
        self.running: Instance | None = None
        self.journal = Journal()
        self.group = GroupCommit(store)
        self.subscriptions = Subscriptions()
        self.schedules = Schedules()

    def now(self) -> Timestamp:
        """The time of the next transaction: the clock's, but always later than the one before."""
        micros = self.journal.now = self.clock()
        if micros <= self._last_micros:
            micros = self._last_micros + 1
        self._last_micros = micros
        timestamp = _bare(Timestamp)
        timestamp.micros = micros
        return timestamp

    def run(
        self,
        deployment: Deployment,
        function: Function,
        args: bytes,
        values: Row,
        identity: Identity,
        connection_id: ConnectionId | None,
        client: Client | None,
        kind: EntryKind = EntryKind.REDUCER,
        extra: Extra = NO_EXTRA,
        finish: Callable[[], None] | None = None,
    ) -> Committed:
        """Run a reducer in a transaction of its own; commit when it is done, else leave everything as it was.

        `values`: `args`, decoded. `client` is the caller: it hears of the changes in `Committed.own` rather than in a
        group. `finish` changes tables once the reducer is done, in the same transaction.
        """
        timestamp = self.now()
        seed = seed_of(timestamp, identity)
        tx = Transaction(deployment.tables, self.journal)
        call = _new(Call, (identity, connection_id, timestamp, self.identity, seed))
        instance = self.running = deployment.instance
        try:
            outcome = instance.call_reducer(tx, function.function_id, call, args, values)
            if finish is not None and outcome.kind is _DONE and not self.journal.is_broken:
                finish()
        except BaseException:
            tx.abort()
            raise
        if outcome.kind is not _DONE or self.journal.is_broken:
            tx.abort()
            return self._failed(function.name, outcome, timestamp)
        rows, sequences, undo = tx.commit()
        program, offset = deployment.program.hash, self.last_offset + 1
        fields = (
            offset,
            kind,
            timestamp,
            identity,
            connection_id,
            function.name,
            args,
            seed,
            program,
            rows,
            sequences,
            (),
        )
        return self._record(deployment, _new(Entry, fields), undo, client, extra)

    def compose(
        self,
        deployment: Deployment,
        work: Callable[[Transaction, Call], Outcome],
        identity: Identity,
        kind: EntryKind,
        function: str,
        extra: Extra,
    ) -> Committed:
        """Make one transaction of several steps: functions of the module, and changes of tables in between.

        `work` ends with the first outcome that is not DONE; what it raises undoes everything as well.
        `function`: what the entry and the log call it.
        """
        timestamp = self.now()
        seed = seed_of(timestamp, identity)
        tx = Transaction(deployment.tables, self.journal)
        self.running = deployment.instance
        try:
            outcome = work(tx, Call(identity, None, timestamp, self.identity, seed))
        except BaseException:
            tx.abort()
            raise
        if outcome.kind is not _DONE or self.journal.is_broken:
            tx.abort()
            return self._failed(function, outcome, timestamp)
        changes = tx.commit()
        program, offset = deployment.program.hash, self.last_offset + 1
        entry = Entry(offset, kind, timestamp, identity, None, function, b"", seed, program, *changes[:2])
        return self._record(deployment, entry, changes[2], None, extra)

    def note(
        self,
        deployment: Deployment | None,
        identity: Identity,
        connection_id: ConnectionId | None,
        kind: EntryKind,
        extra: Extra,
    ) -> Committed:
        """Make a transaction in which no function runs and no row changes."""
        program = "" if deployment is None else deployment.program.hash
        entry = Entry(self.last_offset + 1, kind, self.now(), identity, connection_id, "", b"", 0, program, ())
        return self._record(deployment, entry, (), None, extra)

    def change(
        self, deployment: Deployment, change: Callable[[], None], kind: EntryKind, identity: Identity | None = None
    ) -> Committed:
        """Make a transaction in which `change` changes tables and no function runs. `identity`: None = the server's."""
        timestamp, program = self.now(), deployment.program.hash
        try:
            change()
        except BaseException:
            self.journal.abort()
            raise
        changes = self.journal.commit()
        caller = self.identity if identity is None else identity
        entry = Entry(self.last_offset + 1, kind, timestamp, caller, None, "", b"", 0, program, *changes[:2])
        return self._record(deployment, entry, changes[2], None, NO_EXTRA)

    def enter(
        self,
        deployment: Deployment,
        changes: RowChanges,
        sequences: tuple[SequenceState, ...],
        undo: tuple[SequenceUndo, ...],
        kind: EntryKind,
        identity: Identity,
    ) -> Committed:
        """Make a transaction of changes that the tables hold already; `undo` takes those of the sequences back."""
        program = deployment.program.hash
        entry = Entry(self.last_offset + 1, kind, self.now(), identity, None, "", b"", 0, program, changes, sequences)
        return self._record(deployment, entry, undo, None, NO_EXTRA)

    def switch(self, deployment: Deployment) -> None:
        """Let another deployment serve; rows of its scheduled tables wait from now on, or go on waiting."""
        before = {} if self.live is None else self.live.timetables
        self.live = deployment
        self.schedules.switch(before, deployment.timetables, self.clock())

    def start(self, deployment: Deployment) -> None:
        """Let a deployment serve that took over no rows: what its `init` wrote waits already."""
        self.schedules.switch({} if self.live is None else self.live.timetables, {}, self.clock())
        self.live = deployment

    def nothing(self) -> Committed:
        """What a call that has nothing to do gives."""
        return Committed(DONE, Timestamp(self._last_micros), self.last_offset)

    def tell(self, level: LogLevel, message: str, *, function: str = SYSTEM_TARGET, ts: int | None = None) -> None:
        """Write a record of the server's own into the module's log. `ts`: microseconds; None = the clock's."""
        self._log(
            LogRecord(
                level=level,
                ts=self.clock() if ts is None else ts,
                message=message,
                target=SYSTEM_TARGET,
                filename=SYSTEM_TARGET,
                function=function,
            )
        )

    def succeed(self) -> tuple[Pending, ...]:
        """A group is on disk; return it."""
        done = tuple(self.group.succeed())
        self.durable_offset = done[-1].entry.offset
        return done

    def fail(self) -> tuple[Pending, ...]:
        """Go back to the last durable transaction; return what is lost, newest first."""
        lost = tuple(self.group.fail())
        for pending in lost:
            if pending.extra.schema is not None:
                self._go_back(pending.extra.replaced)
        timetables = {} if self.live is None else self.live.timetables
        for pending in lost:
            if pending.extra.schema is None:
                self.schedules.revert(pending.entry.changes, timetables, self.clock())
        self.last_offset = self.durable_offset
        return lost

    def _go_back(self, deployment: Deployment | None) -> None:
        if deployment is not None:
            self.switch(deployment)
            self.table_names |= {table_id: table.name for table_id, table in deployment.tables.items()}
        else:
            self.live, self.schedules = None, Schedules()

    def _record(
        self,
        deployment: Deployment | None,
        entry: Entry,
        undo: tuple[SequenceUndo, ...],
        client: Client | None,
        extra: Extra,
    ) -> Committed:
        """Queue a transaction for the store and tell who must hear of it."""
        changes = entry.changes
        if extra is not NO_EXTRA:
            entry = extra.complete(entry)
        self.last_offset = entry.offset
        self.group.add(_new(Pending, (entry, undo, deployment, extra)))
        if not changes:
            return _new(Committed, (DONE, entry.timestamp, entry.offset, (), ()))
        if deployment is not None and deployment.timetables:
            self.schedules.apply(changes, deployment.timetables, self.journal.now)
        own, groups = self.subscriptions.fan_out(changes, client)
        return _new(Committed, (DONE, entry.timestamp, entry.offset, own, groups))

    def _failed(self, function: str, outcome: Outcome, timestamp: Timestamp) -> Committed:
        """Refusals are logged here; what failed or was stopped the instance has logged, with the author's frames."""
        if outcome.kind is _DONE:
            outcome = _CUT_SHORT
        if outcome.kind is OutcomeKind.REFUSED or outcome is _CUT_SHORT:
            self.tell(LogLevel.ERROR, outcome.text, function=function, ts=timestamp.micros)
        return Committed(outcome, timestamp, self.last_offset)

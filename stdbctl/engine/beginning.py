"""What a database begins with, at its first publish and after a reset: `init`, seed files, seed functions."""

from collections.abc import Callable
from dataclasses import dataclass

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.errors import InitFailed
from stdbctl.engine.group_commit import NO_EXTRA, Extra
from stdbctl.engine.imports import empty, insert_staged
from stdbctl.engine.ports import Log
from stdbctl.engine.results import Committed
from stdbctl.engine.timeline import Timeline
from stdbctl.engine.transaction import Transaction
from stdbctl.errors import Problems
from stdbctl.records import DONE, Call, EntryKind, LogLevel, LogRecord, Outcome, OutcomeKind
from stdbctl.sats import Identity
from stdbctl.schema import Lifecycle
from stdbctl.transfer import ImportMode, Staging, stage_files

_SEED_MASK = (1 << 64) - 1
_INIT, _SEED = "init reducer", "seed"


def begin(timeline: Timeline, live: Deployment, owner: Identity, extra: Extra) -> Committed:
    """Run all of it as the transaction of the first publish. Problems, InitFailed: nothing happened."""
    init = live.lifecycle.get(Lifecycle.INIT)
    if init is None and not live.seed:
        return timeline.note(live, owner, None, EntryKind.MIGRATION, extra)
    kind = EntryKind.MIGRATION if init is None else EntryKind.LIFECYCLE
    return _Beginning(timeline, live).run(owner, kind, extra, lambda: None)


@dataclass(frozen=True, slots=True)
class BegunAnew:
    """A reset: how many rows went and came, those that came back as they were left out."""

    committed: Committed
    deleted: int
    inserted: int


def reset(timeline: Timeline, live: Deployment, owner: Identity) -> BegunAnew:
    """Delete every row, let all counters start anew, and begin again; one transaction. Problems, InitFailed."""

    def clear() -> None:
        for table in live.tables.values():
            empty(table)
            for sequence in table.sequences:
                sequence.restart()

    beginning = _Beginning(timeline, live)
    committed = beginning.run(owner, EntryKind.RESET, NO_EXTRA, clear)
    return BegunAnew(committed, beginning.deleted, beginning.inserted)


class LastWords:
    """A log that remembers what a function that failed left in it: a refused database has no log to look it up in."""

    def __init__(self, log: Log) -> None:
        self._log, self.text = log, ""

    def __call__(self, record: LogRecord) -> None:
        if record.level is LogLevel.PANIC:
            self.text = record.message
        self._log(record)


class _Beginning:
    """One run of it. `deleted`, `inserted`: the rows that it took away and brought, net."""

    def __init__(self, timeline: Timeline, live: Deployment) -> None:
        self._timeline, self._live = timeline, live
        self._what = self._name = ""
        """The function that runs, or ran last."""
        self.deleted = self.inserted = 0
        self._staging = self._staged()

    def run(self, owner: Identity, kind: EntryKind, extra: Extra, before: Callable[[], None]) -> Committed:
        init = self._live.lifecycle.get(Lifecycle.INIT)

        def work(tx: Transaction, call: Call) -> Outcome:
            before()
            outcome = self._all(tx, call)
            lasting = [table for table in self._live.tables.values() if not table.is_event]
            self.deleted = sum(len(table.deleted) for table in lasting)
            self.inserted = sum(len(table.inserted) for table in lasting)
            return outcome

        name = "" if init is None else init.name
        committed = self._timeline.compose(self._live, work, owner, kind, name, extra)
        if committed.outcome.kind is not OutcomeKind.DONE:
            raise InitFailed(self._name, committed.outcome, self._what)
        return committed

    def _staged(self) -> Staging:
        staging = stage_files(self._live.module, self._live.seed.files)
        if staging.problems:
            raise Problems(staging.problems)
        return staging

    def _all(self, tx: Transaction, call: Call) -> Outcome:
        init = self._live.lifecycle.get(Lifecycle.INIT)
        if init is not None:
            self._timeline.tell(LogLevel.INFO, "Invoking `init` reducer")
            outcome = self._call(tx, call, _INIT, init.name, init.function_id)
            if outcome.kind is not OutcomeKind.DONE:
                return outcome
        insert_staged(self._live, self._staging, ImportMode.APPEND)
        for number, function in enumerate(self._live.seed.functions, 1):
            # Each draws numbers of its own, and the same ones at every run of the same transaction.
            own = call._replace(seed=(call.seed + number) & _SEED_MASK)
            outcome = self._call(tx, own, _SEED, function.name, function.function_id)
            if outcome.kind is not OutcomeKind.DONE:
                return outcome
        return DONE

    def _call(self, tx: Transaction, call: Call, what: str, name: str, function_id: int) -> Outcome:
        self._what, self._name = what, name
        return self._live.instance.call_reducer(tx, function_id, call, b"", ())

"""Rows that an author's migration function makes anew, inside the deploy: old rows in, rows of the next tables out.

The function works on the tables of the next deployment. It may read them all, and change those that are new or built
anew in this deploy: so going back is dropping them. It runs in stretches that `pause` ends, so that whoever publishes
can do something between two of them; nothing else may touch the tables meanwhile.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.errors import MigrationFailed
from stdbctl.engine.results import Progress
from stdbctl.engine.sequences import Sequence as NumberSequence
from stdbctl.engine.table import Table
from stdbctl.engine.takeover import Before, same_sequence
from stdbctl.engine.timeline import Timeline, seed_of
from stdbctl.engine.transaction import Transaction
from stdbctl.errors import Problems, ReducerError
from stdbctl.records import Bound, Call, OutcomeKind, Row, RowChanges, SequenceState, StoredRow, TableChange
from stdbctl.sats import Identity
from stdbctl.schema import RewriteRows

T = TypeVar("T")
Pause = Callable[[], bool]
"""Whether to pause after the row that was just made."""


def never() -> bool:
    """Go through all rows at once."""
    return False


def result_of(steps: Generator[object, None, T]) -> T:
    """Go through all steps at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A table that is empty yet, and where its rows come from."""

    table: Table
    before: Before
    step: RewriteRows


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of it: changes for the store by ascending table id, counters, and how far each table is: through."""

    changes: RowChanges = ()
    sequences: tuple[SequenceState, ...] = ()
    tables: tuple[Progress, ...] = ()


class KeptTable(ReducerError):
    """A migration function changes a table that the deploy leaves as it is."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"the table `{table}` stays as it is in this deploy; "
            "a migration function changes only tables that are new or rewritten in it"
        )


class _NewTables(Transaction):
    """The face of the tables that a migration function gets. `fresh`: ids of those that it may change."""

    __slots__ = ("_all", "_fresh")

    def __init__(self, live: Deployment, fresh: frozenset[int], timeline: Timeline) -> None:
        super().__init__(live.tables, timeline.journal)
        self._all, self._fresh = live.tables, fresh

    def _check(self, table_id: int) -> None:
        if table_id not in self._fresh:
            raise KeptTable(self._all[table_id].name)

    def insert(self, table_id: int, row: Row) -> Row:
        self._check(table_id)
        return super().insert(table_id, row)

    def update(self, table_id: int, row: Row) -> Row:
        self._check(table_id)
        return super().update(table_id, row)

    def delete(self, table_id: int, row: Row) -> bool:
        self._check(table_id)
        return super().delete(table_id, row)

    def delete_by(
        self, table_id: int, index_id: int, prefix: Row, lower: Bound | None = None, upper: Bound | None = None
    ) -> int:
        self._check(table_id)
        return super().delete_by(table_id, index_id, prefix, lower, upper)


class Rewriter:
    """Carries out the migration functions of one deploy. `live`: the next deployment."""

    def __init__(
        self, timeline: Timeline, live: Deployment, owner: Identity, fresh: frozenset[int], pause: Pause = never
    ) -> None:
        self._timeline, self._live, self._pause = timeline, live, pause
        timestamp = timeline.now()
        self._call = Call(owner, None, timestamp, timeline.identity, seed_of(timestamp, owner))
        self._tx = _NewTables(live, fresh, timeline)
        self._current: StoredRow | None = None
        self._done = self._dropped = 0

    def run(self, rewritings: Sequence[Rewriting]) -> Generator[Progress, None, Rewritten]:
        """Make all rows; problems are raised, and the caller drops the tables then."""
        through = []
        for rewriting in rewritings:
            through.append((yield from self._table(rewriting, rewriting.before.table.scan().stored)))
        return self._collected(rewritings, tuple(through))

    def sample(self, rewriting: Rewriting, count: int) -> tuple[tuple[StoredRow, Row | None], ...]:
        """The first rows of a table and what becomes of them; whoever asks drops the tables."""
        stored = rewriting.before.table.scan().stored[:count]
        made: list[Row | None] = []
        for _ in self._table(rewriting, stored, made.append):
            pass
        return tuple(zip(stored, made, strict=True))

    def _table(
        self, rewriting: Rewriting, stored: Sequence[StoredRow], seen: Callable[[Row | None], None] | None = None
    ) -> Generator[Progress, None, Progress]:
        self._done = self._dropped = 0
        step, total, insert = rewriting.step, len(stored), rewriting.table.insert
        instance = self._timeline.running = self._live.instance

        def put(row: Row | None) -> bool:
            kept = None if row is None else insert(row)
            self._dropped += row is None
            self._done += 1
            if seen is not None:
                seen(kept)
            return not self._pause()

        rows = self._rows(stored, step.order)
        yield Progress(rewriting.table.name, step.function, 0, total, 0)
        while self._done < total:
            outcome = instance.migrate(self._tx, step.migration, self._call, rows, put)
            if outcome.kind is not OutcomeKind.DONE:
                raise Problems([self._failure(rewriting, outcome.text)])
            if not self._tx.is_sound:
                raise Problems([self._failure(rewriting, "a change of a table was cut short")])
            yield Progress(rewriting.table.name, step.function, self._done, total, self._dropped)
        return Progress(rewriting.table.name, step.function, self._done, total, self._dropped)

    def _rows(self, stored: Sequence[StoredRow], order: tuple[int, ...]) -> Iterator[Row]:
        is_plain = order == tuple(range(len(order)))
        for row in stored:
            self._current = row
            yield row.row if is_plain else tuple([row.row[place] for place in order])

    def _failure(self, rewriting: Rewriting, reason: str) -> MigrationFailed:
        table, row = rewriting.before.table, self._current
        assert row is not None, "what failed had a row"
        key = table.definition.primary_key
        columns = tuple(range(len(table.definition.columns))) if key is None else (key,)
        text = table.codec.text(columns, row.row)
        named = text if len(columns) > 1 else f"{table.definition.columns[columns[0]].name} = {text}"
        return MigrationFailed(table=rewriting.table.name, function=rewriting.step.function, row=named, reason=reason)

    def _collected(self, rewritings: Sequence[Rewriting], through: tuple[Progress, ...]) -> Rewritten:
        rewritten = []
        for rewriting in rewritings:
            change = rewriting.table.take_changes()
            inserted = () if change is None else change.inserted
            before = rewriting.before.table.scan().stored
            rewritten.append(TableChange(rewriting.table.table_id, before, inserted))
        others, moved, _ = self._timeline.journal.commit()
        counters = {(s.table_id, s.column): s for s in moved}
        for rewriting in rewritings:
            for sequence in rewriting.table.sequences:
                if same_sequence(sequence, rewriting.before) is None:
                    _pass_over(sequence, rewriting.table)
                counters[sequence.table_id, sequence.column] = SequenceState(
                    sequence.table_id, sequence.column, sequence.next_value
                )
        return Rewritten((*rewritten, *others), tuple(counters[key] for key in sorted(counters)), through)


def _pass_over(sequence: NumberSequence, table: Table) -> None:
    """Let a sequence that is new go on behind the largest of its numbers that rows hold."""
    numbers = [stored.row[sequence.column] for stored in table.rows.values()]
    taken = [number for number in numbers if sequence.low <= number < sequence.high]
    if taken:
        sequence.next_value = max(sequence.next_value, max(taken) + 1)

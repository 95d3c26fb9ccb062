"""What a table built anew takes over from the one before it: its rows, widened where columns came, its counters.

The old table is only read, so that going back is keeping it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stdbctl.engine.errors import SequenceInUse, UniqueClash
from stdbctl.engine.sequences import Sequence as NumberSequence
from stdbctl.engine.table import Table
from stdbctl.errors import Problem
from stdbctl.records import StoredRow, TableChange
from stdbctl.schema import SequenceDef, TableDef

_Rows = Sequence[StoredRow]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What came of it. `rewritten`: the rows that the store must write anew, None where its bytes stay right."""

    rewritten: TableChange | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """A running table, and its definition under the names that the next module has for it."""

    table: Table
    definition: TableDef

    @property
    def index_ids(self) -> dict[str, int]:
        """The ids of its indexes by their new names."""
        pairs = zip(self.definition.indexes, self.table.definition.indexes, strict=True)
        return {named.name: self.table.index_ids[index.name] for named, index in pairs}

    def sequence(self, definition: SequenceDef) -> NumberSequence | None:
        """The sequence that has this definition under its new name."""
        pairs = zip(self.definition.sequences, self.table.definition.sequences, strict=True)
        wanted = next((running for named, running in pairs if named == definition), None)
        return next((s for s in self.table.sequences if s.definition == wanted), None)


def take_over(table: Table, old: Before) -> Takeover:
    """Fill a table with the rows of the old one and let its sequences go on; nothing is filled where problems come.

    Cost: one pass over the rows, and one per unique constraint and new sequence.
    """
    before = old.table.scan().stored
    rows = _converted(table, old.table, before)
    problems = _conflicts(table, old, rows)
    if problems:
        return Takeover(problems=problems)
    table.load(rows)
    go_on_counting(table, old)
    return Takeover(None if rows is before else TableChange(table.table_id, before, rows))


def go_on_counting(table: Table, old: Before) -> None:
    """Let the sequences of a table give the numbers that those of the old one would give next."""
    for sequence in table.sequences:
        previous = same_sequence(sequence, old)
        if previous is not None:
            sequence.next_value = previous.next_value


def conflicts(table: Table, old: Before) -> tuple[Problem, ...]:
    """What keeps a table from taking over the rows of the old one. Cost: as of `take_over`; nothing is kept."""
    return _conflicts(table, old, _converted(table, old.table, old.table.scan().stored))


def _conflicts(table: Table, old: Before, rows: _Rows) -> tuple[Problem, ...]:
    return (*_clashes(table, rows), *_numbers_in_use(table, old, rows))


def same_sequence(sequence: NumberSequence, old: Before) -> NumberSequence | None:
    """The sequence of the old table that this one goes on with; None where it starts anew."""
    return old.sequence(sequence.definition)


def _converted(table: Table, old: Table, rows: tuple[StoredRow, ...]) -> tuple[StoredRow, ...]:
    """The rows as the new table stores them: the very same ones unless columns were added or the key is another."""
    added = range(len(old.definition.columns), len(table.definition.columns))
    if not rows or (not added and table.definition.primary_key == old.definition.primary_key):
        return rows
    data = b"".join([_default(table, column) for column in added])
    values = tuple([table.codec.columns[column].decode_all(_default(table, column)) for column in added])
    stored = table.codec.stored
    return tuple([stored(row.row + values, row.data + data) for row in rows])


def _default(table: Table, column: int) -> bytes:
    default = table.definition.columns[column].default
    assert default is not None, "a plan adds columns with a default only"
    return default


def _clashes(table: Table, rows: _Rows) -> Iterator[Problem]:
    """Unique constraints that the rows break; one problem each."""
    for constraint in table.definition.constraints:
        keys = [table.codec.order_key(column) for column in constraint.columns]
        seen = set()
        for stored in rows:
            key = tuple([of(stored.row[column]) for of, column in zip(keys, constraint.columns, strict=True)])
            if key in seen:
                yield UniqueClash(
                    table=table.name,
                    constraint=constraint.name,
                    columns=tuple(table.definition.columns[column].name for column in constraint.columns),
                    value=table.codec.text(constraint.columns, stored.row),
                )
                break
            seen.add(key)


def _numbers_in_use(table: Table, old: Before, rows: _Rows) -> Iterator[Problem]:
    """New sequences that would give numbers which rows hold already."""
    for sequence in table.sequences:
        if same_sequence(sequence, old) is not None:
            continue
        column = sequence.column
        taken = (s.row[column] for s in rows if sequence.low <= s.row[column] <= sequence.high)
        value = next(taken, None)
        if value is not None:
            yield SequenceInUse(
                table=table.name,
                column=table.definition.columns[column].name,
                sequence=sequence.definition.name,
                value=value,
            )

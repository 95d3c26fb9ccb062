"""The tables of the next deployment, built beside the running ones. Nothing here changes what runs.

Tables whose stored shape stays are shared between the two; a table that gains or loses an index, a constraint or a
sequence is built anew from the same rows, so that going back is keeping the old one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stdbctl.engine.deployment import stored_table
from stdbctl.engine.errors import CannotMigrate, SequenceInUse, UniqueClash
from stdbctl.engine.journal import Journal
from stdbctl.engine.ports import Prepared
from stdbctl.engine.sequences import Sequence
from stdbctl.engine.table import Table
from stdbctl.engine.values import RowCodec, same_type
from stdbctl.errors import Fault, Problem, Problems
from stdbctl.records import SchemaChange, SequenceState, StoredTable
from stdbctl.sats import Typespace
from stdbctl.schema import ModuleDef, TableDef

FIRST_TABLE_ID = 4097
FIRST_INDEX_ID = 4097
"""As in SpacetimeDB, whose system tables stand below. An id stays as long as its table or index."""


class ProgramMismatch(Fault):
    """The store and the program it holds do not speak of the same tables."""

    code = "engine.program_mismatch"

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            f"the stored module declares no table `{table}`",
            why="the database holds rows for it",
            fix="run the version of stdbctl that wrote this database",
        )


def opened_tables(module: ModuleDef, stored: Iterable[StoredTable], journal: Journal) -> tuple[Table, ...]:
    """Empty tables with the ids that a store knows, after a restart."""
    tables = []
    for known in stored:
        definition = module.table(known.name)
        if definition is None or definition.name != known.name:
            raise ProgramMismatch(known.name)
        codec = RowCodec(definition, module.typespace)
        tables.append(Table(definition, codec, known.table_id, dict(known.index_ids), journal))
    return tuple(tables)


class _Ids:
    """Hands out ids for what is new, above all that are in use."""

    def __init__(self, tables: Iterable[Table]) -> None:
        tables = tuple(tables)
        self._table_id = max((table.table_id for table in tables), default=FIRST_TABLE_ID - 1)
        self._index_id = max((id_ for table in tables for id_ in table.indexes), default=FIRST_INDEX_ID - 1)

    def new_table(self) -> int:
        self._table_id += 1
        return self._table_id

    def index_ids(self, definition: TableDef, old: Mapping[str, int]) -> dict[str, int]:
        """Ids of a table's indexes by name; those it had stay."""
        ids = {}
        for index in definition.indexes:
            if index.name not in old:
                self._index_id += 1
            ids[index.name] = old.get(index.name, self._index_id)
        return ids


@dataclass(frozen=True, slots=True)
class NextTables:
    """The tables of the next deployment; `created` are new, `sequences` are counters that start anew."""

    tables: tuple[Table, ...]
    created: tuple[Table, ...]
    sequences: tuple[SequenceState, ...]

    def schema_change(self, prepared: Prepared) -> SchemaChange:
        """What the store must learn."""
        return SchemaChange(
            program=prepared.program,
            created=tuple(stored_table(table) for table in self.created),
            catalog=tuple(stored_table(table) for table in self.tables),
        )


def next_tables(module: ModuleDef, running: Mapping[str, Table], journal: Journal) -> NextTables:
    """Make the tables of a module out of those that run; raises Problems for what their rows do not allow.

    Cost: one pass over the rows of each table that must be built anew, nothing for the others.
    """
    ids = _Ids(running.values())
    problems = list(unsupported(module, running))
    tables, created, sequences = [], [], []
    for definition in module.tables if not problems else ():
        old = running.get(definition.name)
        if old is not None and _is_same(old, definition, module.typespace):
            tables.append(old)
            continue
        table_id = ids.new_table() if old is None else old.table_id
        index_ids = ids.index_ids(definition, {} if old is None else old.index_ids)
        table = Table(definition, RowCodec(definition, module.typespace), table_id, index_ids, journal)
        tables.append(table)
        if old is None:
            created.append(table)
        else:
            problems += _take_over(table, old)
            sequences += [_state(s) for s in table.sequences if _same_sequence(s, old) is None and s.is_lasting]
    if problems:
        raise Problems(problems)
    return NextTables(tuple(tables), tuple(created), tuple(sequences))


def _shape(definition: TableDef) -> tuple[Any, ...]:
    """What of a definition a table in memory depends on, rows of the same type provided."""
    return (
        definition.is_event,
        definition.primary_key,
        tuple((index.name, index.columns) for index in definition.indexes),
        frozenset(constraint.columns for constraint in definition.constraints),
        definition.sequences,
        None if definition.schedule is None else definition.schedule.column,
    )


def _is_same(old: Table, definition: TableDef, typespace: Typespace) -> bool:
    """Whether a table in memory can go on as it is under a new definition."""
    row_types = old.definition.row_type, definition.row_type
    return _shape(old.definition) == _shape(definition) and same_type(
        row_types[0], old.codec.typespace, row_types[1], typespace
    )


def unsupported(module: ModuleDef, running: Mapping[str, Table]) -> Iterator[Problem]:
    """Changes that need more than the same rows in a new table."""
    for name, table in running.items():
        definition = module.table(name)
        if definition is None or definition.name != name:
            yield CannotMigrate(f"removing table `{name}`")
        elif table.is_event or definition.is_event:
            continue
        elif len(definition.columns) != len(table.definition.columns):
            yield CannotMigrate(f"adding columns to table `{name}`")
        elif definition.primary_key != table.definition.primary_key and table.rows:
            yield CannotMigrate(f"changing the primary key of table `{name}`")


def _take_over(table: Table, old: Table) -> Iterator[Problem]:
    """Fill a table that is built anew with the rows of the old one, and let its sequences go on."""
    problems = [*_clashes(table, old), *_numbers_in_use(table, old)]
    if not problems:
        table.load(old.rows.values())
        for sequence in table.sequences:
            before = _same_sequence(sequence, old)
            if before is not None:
                sequence.next_value = before.next_value
    yield from problems


def _clashes(table: Table, old: Table) -> Iterator[Problem]:
    """Unique constraints that the rows break; one problem each."""
    for constraint in table.definition.constraints:
        keys = [table.codec.order_key(column) for column in constraint.columns]
        seen = set()
        for stored in old.scan().stored:
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


def _numbers_in_use(table: Table, old: Table) -> Iterator[Problem]:
    """New sequences that would give numbers which rows hold already."""
    for sequence in table.sequences:
        if _same_sequence(sequence, old) is not None:
            continue
        column = sequence.column
        taken = (s.row[column] for s in old.scan().stored if sequence.low <= s.row[column] <= sequence.high)
        value = next(taken, None)
        if value is not None:
            yield SequenceInUse(
                table=table.name,
                column=table.definition.columns[column].name,
                sequence=sequence.definition.name,
                value=value,
            )


def _same_sequence(sequence: Sequence, old: Table) -> Sequence | None:
    return next((s for s in old.sequences if s.definition == sequence.definition), None)


def _state(sequence: Sequence) -> SequenceState:
    return SequenceState(sequence.table_id, sequence.column, sequence.next_value)

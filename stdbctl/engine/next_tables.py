"""The tables of the next deployment, built beside the running ones. Nothing here changes what runs.

Tables whose stored shape stays are shared between the two; a table that gains columns, or gains or loses its key, an
index, a constraint, a sequence or its schedule, is built anew from the old rows (`takeover`), so that going back is
keeping the old one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stdbctl.engine.collector import collector_paused
from stdbctl.engine.deployment import stored_table
from stdbctl.engine.errors import TableHasRows
from stdbctl.engine.journal import Journal
from stdbctl.engine.ports import Prepared
from stdbctl.engine.rewrites import Rewriting
from stdbctl.engine.sequences import Sequence
from stdbctl.engine.table import Table
from stdbctl.engine.takeover import Before, conflicts, go_on_counting, same_sequence, take_over
from stdbctl.engine.values import RowCodec, same_type
from stdbctl.errors import Fault, Problem, Problems
from stdbctl.records import RowChanges, SchemaChange, SequenceState, StoredTable, TableChange
from stdbctl.sats import DecodeError, EncodeError, Typespace
from stdbctl.schema import (
    MigrationPlan,
    ModuleDef,
    Rename,
    RewriteRows,
    TableDef,
    encode_raw_v10,
    raw_v10_of,
)

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


class UnreadableRows(Fault):
    """Stored bytes are no row of their table: the file is damaged."""

    code = "engine.unreadable_rows"

    def __init__(self, table: str, error: DecodeError) -> None:
        self.table = table
        super().__init__(
            f"the stored rows of `{table}` cannot be read",
            why=f"the file is damaged: {error}",
            fix="restore a snapshot or a copy of the file",
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
    """Hands out ids for what is new: above all that were ever in use, for tables."""

    def __init__(self, tables: Iterable[Table], known: Iterable[int]) -> None:
        self._table_id = max(known, default=FIRST_TABLE_ID - 1)
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
    """The tables of the next deployment.

    `created` are new, `dropped` are there no more. `sequences`: counters that start anew. `rewritten`: rows that the
    store must write anew, and those that go with their tables, by ascending table id. `rewritings`: tables whose rows
    the author's functions are to make.
    """

    tables: tuple[Table, ...]
    created: tuple[Table, ...] = ()
    dropped: tuple[Table, ...] = ()
    sequences: tuple[SequenceState, ...] = ()
    rewritten: RowChanges = ()
    rewritings: tuple[Rewriting, ...] = ()

    @property
    def names(self) -> dict[int, str]:
        """The names of the tables by id."""
        return {table.table_id: table.name for table in self.tables}

    def schema_change(self, prepared: Prepared, module: ModuleDef) -> SchemaChange:
        """What the store must learn."""
        return SchemaChange(
            program=prepared.program,
            created=tuple(stored_table(table) for table in self.created),
            dropped=tuple(table.table_id for table in self.dropped),
            catalog=tuple(stored_table(table) for table in self.tables),
            definition=_encoded(module),
        )


def _encoded(module: ModuleDef) -> bytes:
    """What history is to be read by; empty for types nested so deep that their description cannot be written."""
    try:
        return encode_raw_v10(raw_v10_of(module))
    except EncodeError:
        return b""


def before_of(plan: MigrationPlan, running: Mapping[str, Table]) -> dict[str, Before]:
    """The running tables under the names that the plan gives them."""
    found = {}
    for definition in plan.base.tables:
        table = running[plan.renamed_tables.get(definition.name, definition.name)]
        found[definition.name] = Before(table, definition)
    return found


def next_tables(
    module: ModuleDef,
    running: Mapping[str, Before],
    journal: Journal,
    *,
    known: Iterable[int],
    dropped: Collection[str] = (),
    rewrites: Iterable[RewriteRows] = (),
) -> NextTables:
    """Make the tables of a module out of those that run; raises Problems for what their rows do not allow.

    `known`: the ids of all tables that there ever were. `dropped`: names of tables that go with their rows. Tables of
    `rewrites` are made empty: see `rewrites.Rewriter`.
    Cost: one pass over the rows of each table that must be built anew, nothing for the others.
    """
    ids = _Ids((before.table for before in running.values()), known)
    problems = list(tables_in_the_way(module, running, dropped))
    tables: list[Table] = []
    created: list[Table] = []
    sequences: list[SequenceState] = []
    rewritten: list[TableChange] = []
    steps = {step.table: step for step in rewrites}
    rewritings: list[Rewriting] = []
    for definition in module.tables if not problems else ():
        old = running.get(definition.name) if definition.name not in dropped else None
        if old is not None and is_same_shape(old.table, definition, module.typespace):
            tables.append(old.table)
            continue
        table_id = ids.new_table() if old is None else old.table.table_id
        index_ids = ids.index_ids(definition, {} if old is None else old.index_ids)
        table = Table(definition, RowCodec(definition, module.typespace), table_id, index_ids, journal)
        tables.append(table)
        if old is None:
            created.append(table)
            continue
        if definition.name in steps:
            go_on_counting(table, old)
            rewritings.append(Rewriting(table, old, steps[definition.name]))
            continue
        with collector_paused():
            taken = take_over(table, old)
        problems += taken.problems
        rewritten += [] if taken.rewritten is None else [taken.rewritten]
        sequences += [_state(s) for s in table.sequences if same_sequence(s, old) is None and s.is_lasting]
    if problems:
        raise Problems(problems)
    gone = tuple(_removed(module, running, dropped))
    rewritten += [TableChange(table.table_id, table.scan().stored, ()) for table in gone if table.rows]
    rewritten.sort(key=lambda change: change.table_id)
    return NextTables(tuple(tables), tuple(created), gone, tuple(sequences), tuple(rewritten), tuple(rewritings))


def _shape(definition: TableDef) -> tuple[Any, ...]:
    """What of a definition a table in memory depends on, rows of the same type provided."""
    return (
        definition.name,
        definition.is_event,
        definition.primary_key,
        tuple((index.name, index.columns) for index in definition.indexes),
        frozenset(constraint.columns for constraint in definition.constraints),
        definition.sequences,
        None if definition.schedule is None else definition.schedule.column,
    )


def is_same_shape(old: Table, definition: TableDef, typespace: Typespace) -> bool:
    """Whether a table in memory can go on as it is under a new definition."""
    row_types = old.definition.row_type, definition.row_type
    return _shape(old.definition) == _shape(definition) and same_type(
        row_types[0], old.codec.typespace, row_types[1], typespace
    )


def tables_in_the_way(
    module: ModuleDef, running: Mapping[str, Before], dropped: Collection[str] = (), alike: Collection[Rename] = ()
) -> Iterator[Problem]:
    """Tables that a module has no more and that still hold rows, unless these may go. Cost: none per row.

    `alike`: what may have been renamed, for the hint.
    """
    for table in _removed(module, running, dropped):
        if table.rows and table.name not in dropped:
            names = [rename.new for rename in alike if rename.old == table.name]
            yield TableHasRows(table=table.name, row_count=len(table.rows), alike=names)


def rows_in_the_way(module: ModuleDef, names: Iterable[str], running: Mapping[str, Before]) -> Iterator[Problem]:
    """What keeps the rows of some tables from going over to a module: clashes, numbers that a sequence would give.

    Cost: one pass over the rows of each, and one per unique constraint and new sequence.
    """
    ids = _Ids((before.table for before in running.values()), ())
    for name in names:
        old, definition = running[name], module.table(name)
        assert definition is not None, "the plan adds something to it"
        codec, index_ids = RowCodec(definition, module.typespace), ids.index_ids(definition, old.index_ids)
        yield from conflicts(Table(definition, codec, old.table.table_id, index_ids, old.table.journal), old)


def _removed(module: ModuleDef, running: Mapping[str, Before], dropped: Collection[str]) -> list[Table]:
    names = {definition.name for definition in module.tables}.difference(dropped)
    return [before.table for name, before in running.items() if name not in names]


def _state(sequence: Sequence) -> SequenceState:
    return SequenceState(sequence.table_id, sequence.column, sequence.next_value)

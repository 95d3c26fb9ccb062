"""Tables whose rows an author's migration function makes anew: which function fits, and what is compared after it.

A function fits a table whose stored columns are exactly those that it takes, in any order. It is passed over where the
stored columns are those of the new table already. Everything else about a rewritten table (keys, indexes, sequences,
schedule) is compared as if its old columns stood where the new ones of the same name do.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stdbctl.sats import AlgebraicType, type_text
from stdbctl.schema.definition import ColumnDef, MigrationDef, ModuleDef, TableDef
from stdbctl.schema.migration.problems import MigrationDoesNotFit, PlanProblem, TwoMigrationsFit
from stdbctl.schema.migration.steps import RewriteRows
from stdbctl.schema.migration.types import inlined

_Columns = list[tuple[str, AlgebraicType]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrites:
    """`base`: the old definition with the columns of rewritten tables moved. `steps`: by table."""

    base: ModuleDef
    steps: Mapping[str, RewriteRows]
    problems: tuple[PlanProblem, ...]


def find_rewrites(old: ModuleDef, new: ModuleDef, dropped: Collection[str] = ()) -> Rewrites:
    """Choose the migration functions that run; `old` has its new names already. `dropped`: tables that go."""
    steps: dict[str, RewriteRows] = {}
    problems: list[PlanProblem] = []
    tables = []
    for before in old.tables:
        after = None if before.name in dropped else new.table_named(before.name)
        fitting = [] if after is None else _fitting(old, before, new, after)
        if after is None or not fitting:
            tables.append(before)
            continue
        if len(fitting) > 1:
            first, second = (new.migrations[position].function for position in fitting[:2])
            problems.append(TwoMigrationsFit(("table", after.accessor), first=first, second=second))
        steps[after.name] = _step(old, before, new, after, fitting[0])
        tables.append(_moved(before, after))
    return Rewrites(base=replace(old, tables=tuple(tables)), steps=steps, problems=tuple(problems))


def unfit_migrations(old: ModuleDef, before: TableDef, new: ModuleDef, after: TableDef) -> Iterator[PlanProblem]:
    """Why no function of a table helps, one problem for each."""
    stored = _columns(before.columns, old)
    for migration in new.migrations:
        if migration.table == after.name:
            yield MigrationDoesNotFit(
                ("table", after.accessor),
                function=migration.function,
                stored=_text(stored),
                difference=_difference(stored, [(c.name, c.type) for c in migration.columns]),
            )


def is_rewritten(old: ModuleDef, new: ModuleDef, after: TableDef) -> bool:
    """Whether a function makes the rows of a table anew; `old` has its new names already."""
    before = old.table_named(after.name)
    return before is not None and bool(_fitting(old, before, new, after))


def _fitting(old: ModuleDef, before: TableDef, new: ModuleDef, after: TableDef) -> list[int]:
    """The positions of the functions that are to run for a table."""
    stored = _columns(before.columns, old)
    if before.is_event or after.is_event or stored == _columns(after.columns, new):
        return []
    return [
        position
        for position, migration in enumerate(new.migrations)
        if migration.table == after.name and _takes(migration, stored)
    ]


def _takes(migration: MigrationDef, stored: _Columns) -> bool:
    taken = [(column.name, column.type) for column in migration.columns]
    return len(taken) == len(stored) and all(column in stored for column in taken)


def _columns(columns: Sequence[ColumnDef], module: ModuleDef) -> _Columns:
    return [(column.name, inlined(column.type, module.typespace)) for column in columns]


def _step(old: ModuleDef, before: TableDef, new: ModuleDef, after: TableDef, position: int) -> RewriteRows:
    migration = new.migrations[position]
    places = {column.name: place for place, column in enumerate(before.columns)}
    return RewriteRows(
        table=after.name,
        function=migration.function,
        migration=position,
        order=tuple(places[column.name] for column in migration.columns),
        old_columns=tuple(_columns(before.columns, old)),
        new_columns=tuple(_columns(after.columns, new)),
    )


def _moved(before: TableDef, after: TableDef) -> TableDef:
    """The old table with each column where the new one of its name stands, and those that are gone behind them all."""
    kept = {column.name: column for column in before.columns}
    names = {column.name for column in after.columns}
    columns = [kept.get(column.name, column) for column in after.columns]
    columns += [column for column in before.columns if column.name not in names]
    place_of = {column.name: place for place, column in enumerate(columns)}
    place = [place_of[column.name] for column in before.columns]
    schedule, key = before.schedule, before.primary_key
    return replace(
        before,
        columns=tuple(columns),
        primary_key=None if key is None else place[key],
        indexes=tuple(replace(i, columns=tuple(place[c] for c in i.columns)) for i in before.indexes),
        constraints=tuple(replace(c, columns=tuple(sorted(place[x] for x in c.columns))) for c in before.constraints),
        sequences=tuple(replace(s, column=place[s.column]) for s in before.sequences),
        schedule=None if schedule is None else replace(schedule, column=place[schedule.column]),
    )


def _difference(stored: _Columns, taken: _Columns) -> str:
    """The columns by which two lists differ, in words."""
    missing, unknown = [c for c in stored if c not in taken], [c for c in taken if c not in stored]
    parts = [f"does not take {_text(missing)}"] if missing else []
    parts += [f"takes {_text(unknown)}, which is not stored"] if unknown else []
    return " and ".join(parts)


def _text(columns: _Columns) -> str:
    return ", ".join(f"`{name}: {type_text(type_)}`" for name, type_ in columns)

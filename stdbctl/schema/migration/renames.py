"""Renames of tables and columns: a plan applies them to the old definition before it compares anything else.

A rename is given with the deploy, and must fit; or it stands in the new module (`was`) and counts as long as the old
definition has the old name and not the new one. Indexes, constraints, sequences and schedules of what is renamed keep
what they hold, under new names. Source: docs/migrations.md, "Renames".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from stdbctl.schema.definition import ColumnDef, ModuleDef, Rename, ScheduleDef, TableDef
from stdbctl.schema.migration.problems import PlanProblem, RenameClash, UnknownRename
from stdbctl.schema.migration.rewrites import is_rewritten
from stdbctl.schema.migration.steps import RenameColumn, RenameTable
from stdbctl.schema.migration.types import inlined

Named = TypeVar("Named", TableDef, ColumnDef)
_RENAME = re.compile(r"(?:(\w+)\.)?(\w+):(\w+)")
_DEPLOYED, _NEW = "the deployed module", "the new module"


def read_rename(text: str) -> Rename | None:
    """Read `table.old:new` (a column) or `old:new` (a table); None when it is neither."""
    match = _RENAME.fullmatch(text)
    return None if match is None else Rename(table=match[1], old=match[2], new=match[3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """`base`: the old definition under its new names. `tables`: new name -> old name of what was renamed."""

    base: ModuleDef
    steps: tuple[RenameTable | RenameColumn, ...] = ()
    tables: Mapping[str, str]


def apply_renames(old: ModuleDef, new: ModuleDef, given: Iterable[Rename]) -> Renamed | tuple[PlanProblem, ...]:
    """Give the old definition its new names, or every reason why a given rename does not fit."""
    given = tuple(given)
    tables, problems = _renamed_tables(old, new, given)
    columns: dict[str, dict[str, str]] = {}
    for after in new.tables:
        before = old.table_named(tables.get(after.name, after.name))
        if before is not None:
            mine = [rename for rename in given if rename.table is not None and _is_of(rename.table, before, after)]
            pairs, wrong = _pairs(
                before.columns, after.columns, mine, _was(new, after.name), f"column of `{after.name}`"
            )
            columns[after.name] = pairs
            problems += wrong
    problems += _without_table(old, new, given)
    if problems:
        return tuple(problems)
    return _renamed(old, new, tables, columns)


def possible_renames(old: ModuleDef, new: ModuleDef, given: Iterable[Rename] = ()) -> tuple[Rename, ...]:
    """What else may have been renamed: something is gone and something of the same shape stands in its place.

    A column answers to one of the same type at the same position; a table to one with the same columns, or to one
    whose migration function takes them.
    """
    given = tuple(given)
    renamed = apply_renames(old, new, given)
    if isinstance(renamed, tuple):
        return ()
    deployed, old = old, renamed.base
    names = {table.name for table in new.tables}
    gone = [table for table in old.tables if table.name not in names]
    fresh = [table for table in new.tables if old.table_named(table.name) is None]
    found = []
    for before in gone:
        pairs = [(after, Rename(old=before.name, new=after.name)) for after in fresh]
        found += [
            rename
            for after, rename in pairs
            if _shape(old, before) == _shape(new, after) or _is_taken(deployed, new, after, (*given, rename))
        ]
    for after in new.tables:
        kept = old.table_named(after.name)
        found += [] if kept is None else _possible_columns(old, kept, new, after)
    return tuple(found)


def _possible_columns(old: ModuleDef, before: TableDef, new: ModuleDef, after: TableDef) -> Iterator[Rename]:
    names = {column.name for column in before.columns}, {column.name for column in after.columns}
    for left, right in zip(before.columns, after.columns, strict=False):
        is_swapped = left.name not in names[1] and right.name not in names[0]
        if is_swapped and inlined(left.type, old.typespace) == inlined(right.type, new.typespace):
            yield Rename(table=after.name, old=left.name, new=right.name)


def _is_taken(old: ModuleDef, new: ModuleDef, after: TableDef, given: Iterable[Rename]) -> bool:
    """Whether a migration function takes the rows of a table once that has its new name."""
    renamed = apply_renames(old, new, given)
    return isinstance(renamed, Renamed) and is_rewritten(renamed.base, new, after)


def _shape(module: ModuleDef, table: TableDef) -> list[object]:
    columns: list[object] = [(column.name, inlined(column.type, module.typespace)) for column in table.columns]
    return [table.is_event, *columns]


def _is_of(name: str, before: TableDef, after: TableDef) -> bool:
    return name in (after.name, after.accessor, before.name, before.accessor)


def _was(new: ModuleDef, table: str | None) -> list[Rename]:
    return [rename for rename in new.renames if rename.table == table]


def _renamed_tables(
    old: ModuleDef, new: ModuleDef, given: Sequence[Rename]
) -> tuple[dict[str, str], list[PlanProblem]]:
    mine = [rename for rename in given if rename.table is None]
    return _pairs(old.tables, new.tables, mine, _was(new, None), "table")


def _without_table(old: ModuleDef, new: ModuleDef, given: Iterable[Rename]) -> Iterator[PlanProblem]:
    """Renames of columns in tables that nobody knows."""
    known = {name for table in (*old.tables, *new.tables) for name in (table.name, table.accessor)}
    for rename in given:
        if rename.table is not None and rename.table not in known:
            names = (table.name for table in new.tables)
            yield UnknownRename(rename=rename, kind="table", name=rename.table, owner=_NEW, known=names)


def _pairs(
    old: Sequence[Named], new: Sequence[Named], given: Sequence[Rename], was: Iterable[Rename], kind: str
) -> tuple[dict[str, str], list[PlanProblem]]:
    """New name -> old name of what is renamed among tables, or among the columns of one; and what does not fit."""
    problems: list[PlanProblem] = []
    pairs: dict[str, str] = {}
    for rename in given:
        before, after = _find(old, rename.old), _find(new, rename.new)
        for thing, name, owner, known in ((before, rename.old, _DEPLOYED, old), (after, rename.new, _NEW, new)):
            if thing is None:
                names = (each.name for each in known)
                problems.append(UnknownRename(rename=rename, kind=kind, name=name, owner=owner, known=names))
        if before is not None and after is not None and before.name != after.name:
            if after.name in pairs or before.name in pairs.values():
                problems.append(RenameClash(rename=rename, why="another rename is about the same name"))
            pairs[after.name] = before.name
    for rename in () if problems else was:
        before, after = _find(old, rename.old), _find(new, rename.new)
        if before is None or after is None or after.name in pairs or before.name in pairs.values():
            continue
        if _find(new, before.name) is None and _find(old, after.name) is None:
            pairs[after.name] = before.name
    return pairs, [*problems, *_clashes(old, new, given, pairs)]


def _clashes(
    old: Sequence[Named], new: Sequence[Named], given: Iterable[Rename], pairs: Mapping[str, str]
) -> Iterator[PlanProblem]:
    """Names that would stand for two things; two that swap their names do not."""
    for rename in given:
        before, after = _find(old, rename.old), _find(new, rename.new)
        if before is None or after is None:
            continue
        if any(each.name == before.name for each in new) and before.name not in pairs:
            yield RenameClash(rename=rename, why=f"{_NEW} still has `{before.name}`")
        elif any(each.name == after.name for each in old) and after.name not in pairs.values():
            yield RenameClash(rename=rename, why=f"{_DEPLOYED} has `{after.name}` already")


def _find(things: Iterable[Named], name: str) -> Named | None:
    things = tuple(things)
    return next((t for t in things if t.name == name), None) or next((t for t in things if t.accessor == name), None)


# --- the old definition under its new names


def _renamed(
    old: ModuleDef, new: ModuleDef, tables: Mapping[str, str], columns: Mapping[str, Mapping[str, str]]
) -> Renamed:
    new_names = {before: after for after, before in tables.items()}
    steps: list[RenameTable | RenameColumn] = [RenameTable(table=a, old=b) for a, b in sorted(tables.items())]
    made = []
    for table in old.tables:
        name = new_names.get(table.name, table.name)
        pairs, after = columns.get(name, {}), new.table_named(name)
        steps += [RenameColumn(table=name, column=a, old=b) for a, b in sorted(pairs.items())]
        made.append(table if after is None or not (pairs or name in tables) else _table(table, after, pairs))
    return Renamed(base=replace(old, tables=tuple(made)), steps=tuple(steps), tables=tables)


def _table(before: TableDef, after: TableDef, pairs: Mapping[str, str]) -> TableDef:
    """A table under the names that the new one has for it and for what belongs to it.

    What belongs to columns is matched by their names: a migration function may put them elsewhere.
    """
    by_old = {old: next(c for c in after.columns if c.name == new) for new, old in pairs.items()}
    columns = tuple(
        replace(c, name=by_old[c.name].name, accessor=by_old[c.name].accessor) if c.name in by_old else c
        for c in before.columns
    )
    indexes = {(index.algorithm, _names(after.columns, index.columns)): index for index in after.indexes}
    constraints = {frozenset(_names(after.columns, c.columns)): c.name for c in after.constraints}
    sequences = {_names(after.columns, [sequence.column]): sequence.name for sequence in after.sequences}
    return replace(
        before,
        name=after.name,
        accessor=before.accessor if before.name == after.name else after.accessor,
        columns=columns,
        indexes=tuple(
            replace(indexes.get((index.algorithm, _names(columns, index.columns)), index), columns=index.columns)
            for index in before.indexes
        ),
        constraints=tuple(
            replace(c, name=constraints.get(frozenset(_names(columns, c.columns)), c.name)) for c in before.constraints
        ),
        sequences=tuple(replace(s, name=sequences.get(_names(columns, [s.column]), s.name)) for s in before.sequences),
        schedule=_schedule(before.schedule, after.schedule),
    )


def _names(columns: Sequence[ColumnDef], places: Iterable[int]) -> tuple[str, ...]:
    return tuple(columns[place].name for place in places)


def _schedule(before: ScheduleDef | None, after: ScheduleDef | None) -> ScheduleDef | None:
    return before if before is None or after is None else replace(before, name=after.name)

"""Plan a migration: compare two versions of a module, give the steps between them or the reasons why there are none.

Old and new things are matched by canonical name within their submodule. Reducers, procedures, HTTP handlers and routes
may change in any way: they have no steps. Source: docs/migrations.md.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stdbctl.schema.definition import ColumnDef, IndexDef, ModuleDef, ParamDef, SequenceDef, UniqueDef
from stdbctl.schema.migration.choices import NO_CHOICES, Choices
from stdbctl.schema.migration.columns import column_steps
from stdbctl.schema.migration.flat import OwnedTable, OwnedView, all_modules, all_tables, all_views
from stdbctl.schema.migration.problems import (
    EventFlagChanged,
    IndexAccessorChanged,
    PlanProblem,
    TableTypeChanged,
    UniqueConstraintChanged,
)
from stdbctl.schema.migration.renames import apply_renames
from stdbctl.schema.migration.rewrites import Rewrites, find_rewrites, unfit_migrations
from stdbctl.schema.migration.steps import (
    AddColumns,
    AddConstraint,
    AddIndex,
    AddRowLevelSecurity,
    AddSchedule,
    AddSequence,
    AddTable,
    AddView,
    ChangeAccess,
    ChangeIndexSourceName,
    ChangePrimaryKey,
    ChangeTableAccessorName,
    DisconnectAllUsers,
    RemoveConstraint,
    RemoveIndex,
    RemoveRowLevelSecurity,
    RemoveSchedule,
    RemoveSequence,
    RemoveTable,
    RemoveView,
    RenameColumn,
    RenameTable,
    ReschemaEventTable,
    RewriteRows,
    Step,
    UpdateView,
    step_order,
)
from stdbctl.schema.migration.text import PlanStyle, plan_text
from stdbctl.schema.migration.types import type_conflicts

_Found = Iterator[Step | PlanProblem]
_BREAKING = (RenameTable, RenameColumn, RemoveTable, RewriteRows, AddColumns, ReschemaEventTable, RemoveView)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """The way from `old` to `new`: `steps` in the order in which they run.

    `base`: `old` under the new names of what is renamed, which all steps but renames speak of. `renamed_tables`: new
    name -> old name.
    """

    old: ModuleDef
    base: ModuleDef
    new: ModuleDef
    steps: tuple[Step, ...]
    renamed_tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def breaks_clients(self) -> bool:
        """Whether bindings made from the old module would misread the new one."""
        return DisconnectAllUsers() in self.steps

    def text(self, style: PlanStyle = PlanStyle.NO_COLOR) -> str:
        """The plan for people, as SpacetimeDB shows it; lines end with a newline."""
        return plan_text(self.base, self.new, self.steps, style)


def plan_migration(
    old: ModuleDef, new: ModuleDef, choices: Choices = NO_CHOICES
) -> MigrationPlan | tuple[PlanProblem, ...]:
    """Plan the way from one version to the next, or give every reason why there is none. Pure; looks at no rows.

    Tables that `choices` drops are removed, and added anew where the new module has them.
    What only stored rows can tell (a table to remove that is not empty, clashes of a new unique constraint, values in
    the range of a new sequence) is found when the plan runs.
    """
    renamed = apply_renames(old, new, choices.renames)
    if isinstance(renamed, tuple):
        return renamed
    rewrites = find_rewrites(renamed.base, new, choices.dropped)
    base = rewrites.base
    tables = _tables(base, new, rewrites, choices)
    found = [*renamed.steps, *rewrites.problems, *_views(base, new), *tables, *_row_level_security(base, new)]
    problems = tuple(item for item in found if isinstance(item, PlanProblem))
    if problems:
        return problems
    steps = {item for item in found if not isinstance(item, PlanProblem)}
    if any(isinstance(step, _BREAKING) for step in steps):
        steps.add(DisconnectAllUsers())
    ordered = tuple(sorted(steps, key=step_order))
    return MigrationPlan(old=old, base=base, new=new, steps=ordered, renamed_tables=renamed.tables)


def _tables(old: ModuleDef, new: ModuleDef, rewrites: Rewrites, choices: Choices) -> _Found:
    old_tables, new_tables = all_tables(old), all_tables(new)
    for name, owned in old_tables.items():
        if name not in new_tables or name in choices.dropped:
            yield RemoveTable(table=name, definition=owned.table)
    for name, owned in new_tables.items():
        if name in old_tables and name not in choices.dropped:
            yield from _table(name, old_tables[name], owned, rewrites.steps.get(name))
        else:
            yield AddTable(table=name, definition=owned.table)


def _table(name: str, old: OwnedTable, new: OwnedTable, rewrite: RewriteRows | None) -> _Found:
    yield from _table_kind(old, new)
    before, after = old.table, new.table
    if before.is_public != after.is_public:
        yield ChangeAccess(name=name, is_public=after.is_public)
    if before.primary_key != after.primary_key:
        yield ChangePrimaryKey(table=name, old_column=before.primary_key, new_column=after.primary_key)
    if before.accessor != after.accessor:
        yield ChangeTableAccessorName(table=name, accessor=after.accessor)
    if before.schedule != after.schedule:
        if before.schedule is not None:
            yield RemoveSchedule(table=name, schedule=before.schedule)
        if after.schedule is not None:
            yield AddSchedule(table=name, schedule=after.schedule)
    yield from _columns(name, old, new) if rewrite is None else (rewrite,)
    yield from _indexes(name, new, before.indexes, after.indexes)
    yield from _sequences(name, before.sequences, after.sequences)
    yield from _constraints(name, new, before.constraints, after.constraints)


def _columns(name: str, old: OwnedTable, new: OwnedTable) -> _Found:
    found = tuple(column_steps(name, old, new))
    yield from found
    if any(isinstance(item, PlanProblem) for item in found):
        yield from unfit_migrations(old.module, before=old.table, new=new.module, after=new.table)


def _table_kind(old: OwnedTable, new: OwnedTable) -> _Found:
    subject = new.subject("table", new.table.accessor)
    if old.table.is_system != new.table.is_system:
        words = {True: "system", False: "user"}
        yield TableTypeChanged(subject, old=words[old.table.is_system], new=words[new.table.is_system])
    if old.table.is_event != new.table.is_event:
        words = {True: "an event table", False: "a table that keeps its rows"}
        yield EventFlagChanged(subject, old=words[old.table.is_event], new=words[new.table.is_event])


def _indexes(name: str, owned: OwnedTable, old: Iterable[IndexDef], new: Iterable[IndexDef]) -> _Found:
    old_indexes, new_indexes = {index.name: index for index in old}, {index.name: index for index in new}
    for before in old_indexes.values():
        if before.name not in new_indexes:
            yield RemoveIndex(table=name, index=before)
    for index in new_indexes.values():
        previous = old_indexes.get(index.name)
        if previous is None:
            yield AddIndex(table=name, index=index)
        elif previous.accessor != index.accessor:
            subject = owned.subject("table", owned.table.accessor, "index", index.source_name)
            yield IndexAccessorChanged(subject, old=_quoted(previous.accessor), new=_quoted(index.accessor))
        elif (previous.algorithm, previous.columns) != (index.algorithm, index.columns):
            yield RemoveIndex(table=name, index=previous)
            yield AddIndex(table=name, index=index)
        elif previous.source_name != index.source_name:
            yield ChangeIndexSourceName(table=name, index=index)


def _quoted(accessor: str | None) -> str:
    return "none" if accessor is None else f"`{accessor}`"


def _sequences(name: str, old: Iterable[SequenceDef], new: Iterable[SequenceDef]) -> _Found:
    old_sequences = {sequence.name: sequence for sequence in old}
    new_sequences = {sequence.name: sequence for sequence in new}
    for before in old_sequences.values():
        if new_sequences.get(before.name) != before:
            yield RemoveSequence(table=name, sequence=before)
    for sequence in new_sequences.values():
        if old_sequences.get(sequence.name) != sequence:
            yield AddSequence(table=name, sequence=sequence)


def _constraints(name: str, owned: OwnedTable, old: Iterable[UniqueDef], new: Iterable[UniqueDef]) -> _Found:
    old_constraints = {constraint.name: constraint for constraint in old}
    new_constraints = {constraint.name: constraint for constraint in new}
    for before in old_constraints.values():
        if before.name not in new_constraints:
            yield RemoveConstraint(table=name, constraint=before)
    for constraint in new_constraints.values():
        previous = old_constraints.get(constraint.name)
        if previous is None:
            yield AddConstraint(table=name, constraint=constraint)
        elif previous != constraint:
            yield UniqueConstraintChanged(owned.subject("table", owned.table.accessor, "constraint", constraint.name))


def _views(old: ModuleDef, new: ModuleDef) -> _Found:
    old_views, new_views = all_views(old), all_views(new)
    for name, owned in old_views.items():
        if name not in new_views:
            yield RemoveView(view=name, definition=owned.view)
    for name, owned in new_views.items():
        if name in old_views:
            yield from _view(name, old_views[name], owned)
        else:
            yield AddView(view=name, definition=owned.view)


def _view(name: str, old: OwnedView, new: OwnedView) -> _Found:
    if old.view.is_public != new.view.is_public:
        yield ChangeAccess(name=name, is_public=new.view.is_public, is_view=True)
    is_same = (
        (old.view.is_anonymous, old.view.primary_key) == (new.view.is_anonymous, new.view.primary_key)
        and _is_readable(old, old.view.columns, new, new.view.columns)
        and _is_readable(old, old.view.params, new, new.view.params)
    )
    if is_same:
        yield UpdateView(view=name)
    else:
        yield RemoveView(view=name, definition=old.view)
        yield AddView(view=name, definition=new.view)


def _is_readable(
    old: OwnedView, before: tuple[ColumnDef | ParamDef, ...], new: OwnedView, after: tuple[ColumnDef | ParamDef, ...]
) -> bool:
    """Whether names and order are the same, and every old type's values are values of the new one."""
    old_types = [old.inlined(element.type) for element in before]
    new_types = [new.inlined(element.type) for element in after]
    return [element.name for element in before] == [element.name for element in after] and not any(
        conflict for pair in zip(old_types, new_types, strict=True) for conflict in type_conflicts(*pair)
    )


def _row_level_security(old: ModuleDef, new: ModuleDef) -> Iterator[Step]:
    """Every update removes all rules and adds all; only a difference shuts clients out."""
    old_rules = {sql for owned in all_modules(old) for sql in owned.module.row_level_security}
    new_rules = {sql for owned in all_modules(new) for sql in owned.module.row_level_security}
    for sql in old_rules:
        yield RemoveRowLevelSecurity(sql=sql)
    for sql in new_rules:
        yield AddRowLevelSecurity(sql=sql)
    if old_rules != new_rules:
        yield DisconnectAllUsers()

"""Columns of one table across two versions: what may change by itself, and what is refused."""

from collections.abc import Iterator

from stdbctl.sats import type_text
from stdbctl.schema.definition import ColumnDef, Rename
from stdbctl.schema.migration.flat import OwnedTable
from stdbctl.schema.migration.problems import (
    ColumnNeedsDefault,
    ColumnRemoved,
    ColumnsReordered,
    ColumnTypeChanged,
    PlanProblem,
)
from stdbctl.schema.migration.steps import (
    AddColumns,
    ChangeColumnAccessorName,
    ChangeColumns,
    ColumnChange,
    ReschemaEventTable,
    Step,
)
from stdbctl.schema.migration.types import type_conflicts


def column_steps(name: str, old: OwnedTable, new: OwnedTable) -> Iterator[Step | PlanProblem]:
    """Compare the columns of a table that both versions have, matched by canonical name."""
    old_columns = {column.name: column for column in old.table.columns}
    for column in new.table.columns:
        before = old_columns.get(column.name)
        if before is not None and before.accessor != column.accessor:
            yield ChangeColumnAccessorName(table=name, column=column.name, accessor=column.accessor)
    if new.table.is_event:
        if _row(old) != _row(new):
            yield ReschemaEventTable(table=name)
        return
    problems = [*_removed(old, new), *_reordered(old, new), *_added_without_default(old, new), *_retyped(old, new)]
    yield from problems or _changes(name, old, new)


def _row(owned: OwnedTable) -> list[object]:
    return [(column.name, owned.inlined(column.type)) for column in owned.table.columns]


def _changes(name: str, old: OwnedTable, new: OwnedTable) -> Iterator[Step]:
    changes = tuple(
        ColumnChange(column=after.name, old_type=old_type, new_type=new_type)
        for before, after in zip(old.table.columns, new.table.columns, strict=False)
        if (old_type := old.inlined(before.type)) != (new_type := new.inlined(after.type))
    )
    added = new.table.columns[len(old.table.columns) :]
    if added:
        yield AddColumns(table=name, columns=added)
    elif changes:
        yield ChangeColumns(table=name, changes=changes)


def _removed(old: OwnedTable, new: OwnedTable) -> Iterator[PlanProblem]:
    names = {column.name for column in new.table.columns}
    for position, column in enumerate(old.table.columns):
        if column.name not in names:
            subject = new.subject("table", new.table.accessor, "column", column.accessor)
            yield ColumnRemoved(subject, rename=_perhaps_renamed(old, new, position))


def _perhaps_renamed(old: OwnedTable, new: OwnedTable, position: int) -> str:
    """What to do about a column that is gone if the one in its place is the same under another name."""
    before, after = old.table.columns[position], new.table.columns[position : position + 1]
    is_alike = [c for c in after if old.inlined(before.type) == new.inlined(c.type)]
    if not is_alike or any(column.name == is_alike[0].name for column in old.table.columns):
        return ""
    rename = Rename(table=new.table.name, old=before.name, new=is_alike[0].name)
    return (
        f"if it is `{rename.new}` now, deploy with `--rename {rename}`, or say so in the module: "
        f'`{is_alike[0].accessor}: Annotated[…, column(was="{before.name}")]`; else '
    )


def _reordered(old: OwnedTable, new: OwnedTable) -> Iterator[PlanProblem]:
    before = {column.name: position for position, column in enumerate(old.table.columns)}
    moved = [
        f"`{column.name}` moves from place {before[column.name] + 1} to {position + 1}"
        for position, column in enumerate(new.table.columns)
        if before.get(column.name, position) != position
    ]
    if moved:
        yield ColumnsReordered(new.subject("table", new.table.accessor), columns=", ".join(moved))


def _added_without_default(old: OwnedTable, new: OwnedTable) -> Iterator[PlanProblem]:
    names = {column.name for column in old.table.columns}
    for column in new.table.columns:
        if column.name not in names and column.default is None:
            yield ColumnNeedsDefault(new.subject("table", new.table.accessor, "column", column.accessor))


def _retyped(old: OwnedTable, new: OwnedTable) -> Iterator[PlanProblem]:
    old_columns = {column.name: column for column in old.table.columns}
    for column in new.table.columns:
        if (before := old_columns.get(column.name)) is not None:
            yield from _conflicts(old, before, new, column)


def _conflicts(old: OwnedTable, before: ColumnDef, new: OwnedTable, after: ColumnDef) -> Iterator[PlanProblem]:
    old_type = old.inlined(before.type)
    for conflict in type_conflicts(old_type, new.inlined(after.type)):
        yield ColumnTypeChanged(
            new.subject("table", new.table.accessor, "column", after.accessor),
            part="the type of" if conflict.old is old_type else "a type within",
            old=type_text(conflict.old),
            new=type_text(conflict.new),
            detail=conflict.detail,
        )

"""A module definition for people: a table per table, a signature per reducer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stdbctl.sats import JsonStyle, compile_codec, option_inner, to_json
from stdbctl.schema import ColumnDef, Lifecycle, ModuleDef, ReducerDef, TableDef, TypeNames

if TYPE_CHECKING:
    from rich.console import RenderableType

_LIFECYCLE_WORDS = {
    Lifecycle.INIT: "runs once, when the database is created",
    Lifecycle.ON_CONNECT: "runs when a client connects",
    Lifecycle.ON_DISCONNECT: "runs when a client disconnects",
}


def module_parts(module: ModuleDef) -> "list[RenderableType]":
    """Everything that the module declares."""
    from rich.text import Text

    parts: list[RenderableType] = []
    for table in module.tables:
        parts += [*table_parts(module, table), ""]
    types = type_parts(module)
    parts += [*types, ""] if types else []
    if module.reducers:
        parts += reducer_parts(module, module.reducers)
    names = TypeNames(module)
    for procedure in module.procedures:
        signature = names.signature(procedure.name, procedure.params)
        parts.append(Text.assemble(("procedure ", "dim"), f"{signature} -> {names.text(procedure.return_type)}"))
    for view in module.views:
        parts.append(Text.assemble(("view ", "dim"), f"{view.name} -> {names.text(view.return_type)}"))
    return parts or [Text("no tables, no reducers")]


def table_parts(module: ModuleDef, table: TableDef) -> "list[RenderableType]":
    """One table: its head, its columns, its indexes of several columns."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    names = TypeNames(module)
    kind = "event table" if table.is_event else "table"
    access = "public" if table.is_public else "private"
    head = Text.assemble(
        (f"{kind} ", "dim"), (table.name, "bold cyan"), (f"  {access}", "green" if table.is_public else "yellow")
    )
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for column in ("column", "type", "notes"):
        grid.add_column(column, no_wrap=column != "notes", overflow="fold")
    for position, column_def in enumerate(table.columns):
        notes = ", ".join(_column_notes(module, table, position))
        grid.add_row(Text(column_def.name), Text(names.text(column_def.type), style="magenta"), Text(notes))
    parts: list[RenderableType] = [head, grid]
    for line in _table_notes(table):
        parts.append(Text(line))
    return parts


def type_parts(module: ModuleDef) -> "list[RenderableType]":
    """The types of columns and parameters that have names of their own, one line each; rows are shown as tables."""
    from rich.text import Text

    names, rows = TypeNames(module), {table.row_type for table in module.tables}
    refs = [type_.type for type_ in module.types if type_.type not in rows]
    return [Text.assemble(("type ", "dim"), names.definition(ref, module.typespace.resolve(ref))) for ref in refs]


def reducer_parts(module: ModuleDef, reducers: Sequence[ReducerDef]) -> "list[RenderableType]":
    """Reducers, one line each."""
    from rich.text import Text

    names, parts = TypeNames(module), []
    scheduled = {table.schedule.function: table.name for table in module.tables if table.schedule}
    for reducer in reducers:
        note = ""
        if reducer.lifecycle is not None:
            note = _LIFECYCLE_WORDS[reducer.lifecycle]
        elif reducer.name in scheduled:
            note = f"runs when a row of {scheduled[reducer.name]} is due"
        elif reducer.is_private:
            note = "private"
        line = Text.assemble(("reducer ", "dim"), names.signature(reducer.name, reducer.params))
        parts.append(line.append(f"  {note}", style="yellow") if note else line)
    return list(parts)


def _default_text(module: ModuleDef, column: ColumnDef) -> str:
    """The value that new rows get, as `stdbctl sql` shows it."""
    from stdbctl.cli.values import value_text

    assert column.default is not None
    value = compile_codec(column.type, module.typespace).decode_all(column.default)
    if value is None and option_inner(column.type) is not None:
        return "None"
    return value_text(column.type, to_json(column.type, module.typespace, value, JsonStyle.BARE), module.typespace)


def _column_notes(module: ModuleDef, table: TableDef, position: int) -> list[str]:
    """What is special about one column."""
    notes = ["primary key"] if table.primary_key == position else []
    if any(sequence.column == position for sequence in table.sequences):
        notes.append("auto-increment")
    is_unique = any(constraint.columns == (position,) for constraint in table.constraints)
    if is_unique and table.primary_key != position:
        notes.append("unique")
    for index in table.indexes:
        if index.columns == (position,) and not is_unique:
            notes.append(f"index ({index.algorithm.name.lower()})")
    if table.schedule is not None and table.schedule.column == position:
        notes.append(f"runs {table.schedule.function}")
    if table.columns[position].default is not None:
        notes.append(f"default {_default_text(module, table.columns[position])}")
    return notes


def _table_notes(table: TableDef) -> list[str]:
    """Indexes and unique constraints over several columns."""

    def named(columns: tuple[int, ...]) -> str:
        return ", ".join(table.columns[position].name for position in columns)

    constraints = [f"unique on ({named(item.columns)})" for item in table.constraints if len(item.columns) > 1]
    indexes = [
        f"index {item.accessor or item.name} on ({named(item.columns)}) ({item.algorithm.name.lower()})"
        for item in table.indexes
        if len(item.columns) > 1
    ]
    return constraints + indexes

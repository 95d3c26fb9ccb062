"""A module definition for people: a table per table, a line per type, view and function.

Names, types and defaults are written as authors of modules write them. On a terminal long lines go on below their own
beginning; elsewhere nothing is wrapped.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdbctl.cli.catalog import reducer_count
from stdbctl.cli.output import counted
from stdbctl.sats import UNIT, JsonStyle, compile_codec, option_inner, to_json
from stdbctl.schema import (
    ColumnDef,
    Lifecycle,
    ModuleDef,
    ParamDef,
    ProcedureDef,
    ReducerDef,
    TableDef,
    TypeDef,
    TypeNames,
    ViewDef,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

_LIFECYCLE_WORDS = {
    Lifecycle.INIT: "runs once, when the database is created",
    Lifecycle.ON_CONNECT: "runs when a client connects",
    Lifecycle.ON_DISCONNECT: "runs when a client disconnects",
}


def module_parts(module: ModuleDef) -> "list[RenderableType]":
    """Everything that the module and its submodules declare."""
    from rich.text import Text

    parts = [part for view in _views(module, "") for part in view.everything()]
    return parts or [Text("no tables, no reducers")]


def table_parts(module: ModuleDef, table: TableDef) -> "list[RenderableType]":
    """One table: its head, its columns, its indexes of several columns."""
    return _Shown(module, "").table(table)


def type_parts(module: ModuleDef, type_def: TypeDef) -> "list[RenderableType]":
    """One named type."""
    return _Shown(module, "").type(type_def)


def view_parts(module: ModuleDef, view: ViewDef) -> "list[RenderableType]":
    """One view, with the columns of its rows."""
    shown = _Shown(module, "")
    return [
        *shown.view(view),
        shown.grid([(column.name, shown.names.text(column.type), "") for column in view.columns]),
    ]


def function_parts(module: ModuleDef, function: ReducerDef | ProcedureDef) -> "list[RenderableType]":
    """One reducer or procedure."""
    return _Shown(module, "").function(function)


def summary(module: ModuleDef) -> str:
    """`2 tables, 1 view, 3 reducers`, without what there is none of; counted as `deploy` and `ps` do."""
    counts = (
        (len(module.tables), "table"),
        (len(module.views), "view"),
        (reducer_count(module), "reducer"),
        (len(module.procedures), "procedure"),
        (len(module.submodules), "submodule"),
    )
    return ", ".join(counted(count, noun) for count, noun in counts if count) or "nothing declared"


def _views(module: ModuleDef, prefix: str) -> "Iterator[_Shown]":
    yield _Shown(module, prefix)
    for submodule in module.submodules:
        yield from _views(submodule.module, f"{prefix}{submodule.namespace}.")


@dataclass(frozen=True, slots=True)
class _Shown:
    """One module of the tree; `prefix` stands before its names."""

    module: ModuleDef
    prefix: str

    @property
    def names(self) -> TypeNames:
        """The texts of its types."""
        return TypeNames(self.module)

    def everything(self) -> "list[RenderableType]":
        """All of it, with an empty line after each table and between the kinds."""
        module = self.module
        blocks: list[list[RenderableType]] = [self.table(table) for table in module.tables]
        rows = {table.row_type for table in module.tables}
        types = [t for t in module.types if t.type not in rows]
        functions: list[ReducerDef | ProcedureDef] = [*module.reducers, *module.procedures]
        blocks += [
            [part for type_def in types for part in self.type(type_def)],
            [part for view in module.views for part in self.view(view)],
            [part for function in functions for part in self.function(function)],
            [self._line("filter", sql) for sql in module.row_level_security],
            [
                self._line("route", f"{r.method or 'ANY'} {r.path} -> {self.prefix}{r.handler}")
                for r in module.http_routes
            ],
        ]
        parts: list[RenderableType] = []
        for block in filter(None, blocks):
            parts += ["", *block] if parts or self.prefix else block
        return parts

    def table(self, table: TableDef) -> "list[RenderableType]":
        """One table."""
        from rich.text import Text

        head = Text.assemble(
            ("event table " if table.is_event else "table ", "dim"),
            (f"{self.prefix}{table.name}", "bold cyan"),
            ("  public", "green") if table.is_public else ("  private", "yellow"),
        )
        rows = [
            (column.name, self.names.text(column.type), ", ".join(self._column_notes(table, position)))
            for position, column in enumerate(table.columns)
        ]
        return [head, *self._doc(f"table.{table.name}"), self.grid(rows), *map(Text, _table_notes(table))]

    def grid(self, rows: Sequence[tuple[str, str, str]]) -> "RenderableType":
        """Columns of a table or view: name, type, notes."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        for column in ("column", "type", "notes"):
            grid.add_column(column, overflow="fold")
        for name, type_, notes in rows:
            grid.add_row(Text(name), Text(type_, style="magenta"), Text(notes))
        return grid

    def type(self, type_def: TypeDef) -> "list[RenderableType]":
        """One named type, on one line."""
        resolved = self.module.typespace.resolve(type_def.type)
        name = ".".join((*type_def.scope, type_def.name))
        return [
            self._line("type", f"{self.prefix}{self.names.definition(type_def.type, resolved)}"),
            *self._doc(f"type.{name}"),
        ]

    def view(self, view: ViewDef) -> "list[RenderableType]":
        """One view, on one line."""
        text = f"{self._signature(view.name, view.params)} -> {self.names.text(view.return_type)}"
        notes = ["the same for everyone" if view.is_anonymous else "per caller"]
        notes += [] if view.is_public else ["private"]
        notes += [] if view.primary_key is None else [f"primary key {view.columns[view.primary_key].name}"]
        return [self._line("view", text, ", ".join(notes)), *self._doc(f"view.{view.name}")]

    def function(self, function: ReducerDef | ProcedureDef) -> "list[RenderableType]":
        """One reducer or procedure, on one line."""
        kind = "reducer" if isinstance(function, ReducerDef) else "procedure"
        text = self._signature(function.name, function.params)
        if isinstance(function, ProcedureDef) and function.return_type != UNIT:
            text += f" -> {self.names.text(function.return_type)}"
        return [self._line(kind, text, self._function_note(function)), *self._doc(f"{kind}.{function.name}")]

    def _signature(self, name: str, params: Sequence[ParamDef]) -> str:
        return self.names.signature(f"{self.prefix}{name}", params)

    def _function_note(self, function: ReducerDef | ProcedureDef) -> str:
        if isinstance(function, ReducerDef) and function.lifecycle is not None:
            return _LIFECYCLE_WORDS[function.lifecycle]
        for table in self.module.tables:
            if table.schedule is not None and table.schedule.function == function.name:
                return f"runs when a row of {self.prefix}{table.name} is due"
        return "private" if function.is_private else ""

    def _line(self, kind: str, text: str, note: str = "") -> "RenderableType":
        """`kind text  note`; where it is too long for a terminal it goes on below `text`."""
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        line = Text(text)
        grid.add_row(Text(kind, style="dim"), line.append(f"  {note}", style="yellow") if note else line)
        return grid

    def _doc(self, path: str) -> "list[RenderableType]":
        """The first line of a docstring; definitions from servers have none."""
        from rich.padding import Padding
        from rich.text import Text

        text = self.module.docs.get(path, "").strip()
        return [Padding(Text(text.splitlines()[0], style="dim italic"), (0, 0, 0, 2))] if text else []

    def _column_notes(self, table: TableDef, position: int) -> list[str]:
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
            notes.append(f"runs {self.prefix}{table.schedule.function}")
        if table.columns[position].default is not None:
            notes.append(f"default {_default_text(self.module, table.columns[position])}")
        return notes


def _default_text(module: ModuleDef, column: ColumnDef) -> str:
    """The value that new rows get, as `stdbctl sql` shows it."""
    from stdbctl.cli.values import value_text

    assert column.default is not None
    value = compile_codec(column.type, module.typespace).decode_all(column.default)
    if value is None and option_inner(column.type) is not None:
        return "None"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no number for it
    return value_text(column.type, to_json(column.type, module.typespace, value, JsonStyle.BARE), module.typespace)


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

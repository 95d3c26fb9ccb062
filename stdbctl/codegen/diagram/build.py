"""From a module definition to boxes and links."""

from collections.abc import Iterable, Iterator, Sequence

from stdbctl.codegen.cycles import refs_of
from stdbctl.codegen.diagram.model import Box, BoxKind, Diagram, Link, Row
from stdbctl.codegen.diagram.references import find_references
from stdbctl.sats import UNIT, AlgebraicType, ProductType, SumType
from stdbctl.schema import (
    Lifecycle,
    ModuleDef,
    ParamDef,
    ProcedureDef,
    ReducerDef,
    TableDef,
    TypeDef,
    TypeNames,
    ViewDef,
    snake,
)

_LIFECYCLES = {
    Lifecycle.INIT: "when created",
    Lifecycle.ON_CONNECT: "on connect",
    Lifecycle.ON_DISCONNECT: "on disconnect",
}


def build_diagram(module: ModuleDef) -> Diagram:
    """Make the diagram of a module and its submodules, private things included."""
    parts = [_Part(part, prefix) for part, prefix in _modules(module, "")]
    boxes = [box for part in parts for box in part.boxes()]
    return Diagram(boxes=tuple(boxes), links=tuple(link for part in parts for link in part.links()))


def _modules(module: ModuleDef, prefix: str) -> Iterator[tuple[ModuleDef, str]]:
    yield module, prefix
    for submodule in sorted(module.submodules, key=lambda s: s.namespace):
        yield from _modules(submodule.module, f"{prefix}{submodule.namespace}.")


class _Part:
    """One module of the tree; `prefix` stands before its names."""

    def __init__(self, module: ModuleDef, prefix: str) -> None:
        self.module, self.prefix, self.names = module, prefix, TypeNames(module)
        self.tables = sorted(module.tables, key=lambda table: table.name)
        self.views = sorted(module.views, key=lambda view: view.name)
        functions: list[ReducerDef | ProcedureDef] = [*module.reducers, *module.procedures]
        self.functions = functions
        self.rows = self._row_tables()
        own = {view.row_type.index for view in self.views} - set(self.rows)
        self.types = sorted(
            (t for t in module.types if t.type.index not in self.rows and t.type.index not in own),
            key=lambda t: (t.scope, t.name),
        )
        self.type_keys = {t.type.index: self._key(BoxKind.TYPE, _type_name(t)) for t in self.types}

    def _row_tables(self) -> dict[int, TableDef]:
        """Which table a row type stands for: that of the same name, else the first that has such rows."""
        named = {type_def.type.index: snake(type_def.name) for type_def in self.module.types}
        found: dict[int, TableDef] = {}
        for table in self.tables:
            index = table.row_type.index
            if index not in found or snake(table.name) == named.get(index):
                found[index] = table
        return found

    def boxes(self) -> Iterator[Box]:
        """Tables, views, types, functions."""
        yield from map(self._table_box, self.tables)
        yield from map(self._view_box, self.views)
        yield from map(self._type_box, self.types)
        yield from map(self._function_box, self.functions)

    def links(self) -> Iterator[Link]:
        """What the module declares, then what names tell."""
        for table in self.tables:
            key = self._key(BoxKind.TABLE, table.name)
            for position, column in enumerate(table.columns):
                yield from self._type_links(key, position, refs_of(column.type))
            if table.schedule is not None:
                function = self._key(BoxKind.FUNCTION, table.schedule.function)
                yield Link(source=key, row=table.schedule.column, target=function, to_row=None, label="runs")
        for view in self.views:
            yield from self._view_links(view)
        for type_def in self.types:
            key = self.type_keys[type_def.type.index]
            for position, part in enumerate(_parts(self.module, type_def)):
                yield from self._type_links(key, position, refs_of(part[1]))
        yield from self._references()

    def _references(self) -> Iterator[Link]:
        for reference in find_references(self.tables):
            yield Link(
                source=self._key(BoxKind.TABLE, reference.table.name),
                row=reference.column,
                target=self._key(BoxKind.TABLE, reference.target.name),
                to_row=reference.key,
                label=reference.table.columns[reference.column].name,
                is_declared=False,
            )

    def _view_links(self, view: ViewDef) -> Iterator[Link]:
        key, table = self._key(BoxKind.VIEW, view.name), self.rows.get(view.row_type.index)
        if table is not None:
            target = self._key(BoxKind.TABLE, table.name)
            yield Link(source=key, row=None, target=target, to_row=None, label="rows like")
            return
        for position, column in enumerate(view.columns):
            yield from self._type_links(key, position, refs_of(column.type))

    def _type_links(self, source: str, row: int, refs: Iterable[int]) -> Iterator[Link]:
        for ref in dict.fromkeys(refs):
            target = self.type_keys.get(ref)
            if target is None and (table := self.rows.get(ref)) is not None:
                target = self._key(BoxKind.TABLE, table.name)
            if target is not None:
                yield Link(source=source, row=row, target=target, to_row=None, label="has")

    def _table_box(self, table: TableDef) -> Box:
        access = "public" if table.is_public else "private"
        return Box(
            kind=BoxKind.TABLE,
            title=f"{self.prefix}{table.name}",
            note=f"{access} event table" if table.is_event else f"{access} table",
            rows=(*(self._column(table, position) for position in range(len(table.columns))), *_feet(table)),
        )

    def _column(self, table: TableDef, position: int) -> Row:
        column = table.columns[position]
        is_unique = any(constraint.columns == (position,) for constraint in table.constraints)
        indexes = [i for i in table.indexes if i.columns == (position,)]
        notes = ["auto"] if any(sequence.column == position for sequence in table.sequences) else []
        notes += [i.algorithm.name.lower() for i in indexes if not is_unique]
        notes += ["default"] if column.default is not None else []
        mark = "PK" if table.primary_key == position else "UK" if is_unique else "IX" if indexes else ""
        return Row(name=column.name, type=self.names.text(column.type), mark=mark, note=", ".join(notes))

    def _view_box(self, view: ViewDef) -> Box:
        is_like_table = view.row_type.index in self.rows
        columns = () if is_like_table else view.columns
        marks = {view.primary_key: "PK"} if view.primary_key is not None else {}
        rows = (
            Row(name=column.name, type=self.names.text(column.type), mark=marks.get(position, ""))
            for position, column in enumerate(columns)
        )
        return Box(
            kind=BoxKind.VIEW,
            title=f"{self.prefix}{view.name}",
            note="view" if view.is_anonymous else "view per caller",
            rows=(*rows, Row(name=f"gives {self.names.text(view.return_type)}", is_foot=True)),
        )

    def _type_box(self, type_def: TypeDef) -> Box:
        type_ = self.module.typespace.types[type_def.type.index]
        parts = _parts(self.module, type_def)
        is_enum = isinstance(type_, SumType) and all(part == UNIT for _, part in parts)
        return Box(
            kind=BoxKind.TYPE,
            title=f"{self.prefix}{_type_name(type_def)}",
            note="enum" if is_enum else "union" if isinstance(type_, SumType) else "type",
            rows=tuple(
                Row(name=name, type="" if isinstance(type_, SumType) and part == UNIT else self.names.text(part))
                for name, part in parts
            ),
        )

    def _function_box(self, function: ReducerDef | ProcedureDef) -> Box:
        feet = []
        if isinstance(function, ProcedureDef) and function.return_type != UNIT:
            feet.append(Row(name=f"gives {self.names.text(function.return_type)}", is_foot=True))
        return Box(
            kind=BoxKind.FUNCTION,
            title=f"{self.prefix}{function.name}",
            note=self._function_note(function),
            rows=(*self._params(function.params), *feet),
        )

    def _params(self, params: Sequence[ParamDef]) -> Iterator[Row]:
        return (Row(name=param.name, type=self.names.text(param.type)) for param in params)

    def _function_note(self, function: ReducerDef | ProcedureDef) -> str:
        if isinstance(function, ReducerDef) and function.lifecycle is not None:
            return _LIFECYCLES[function.lifecycle]
        kind = "reducer" if isinstance(function, ReducerDef) else "procedure"
        if any(table.schedule is not None and table.schedule.function == function.name for table in self.tables):
            return f"scheduled {kind}"
        return f"private {kind}" if function.is_private else kind

    def _key(self, kind: BoxKind, name: str) -> str:
        return f"{kind.value} {self.prefix}{name}"


def _type_name(type_def: TypeDef) -> str:
    return ".".join((*type_def.scope, type_def.name))


def _parts(module: ModuleDef, type_def: TypeDef) -> list[tuple[str, AlgebraicType]]:
    """The fields or variants of a named type: name and type."""
    type_ = module.typespace.types[type_def.type.index]
    assert isinstance(type_, ProductType | SumType), f"type `{type_def.name}` is neither a product nor a sum"
    parts = type_.elements if isinstance(type_, ProductType) else type_.variants
    return [(part.name or "", part.type) for part in parts]


def _feet(table: TableDef) -> Iterator[Row]:
    """Unique constraints and indexes over several columns."""
    for constraint in table.constraints:
        if len(constraint.columns) > 1:
            yield Row(name=f"unique ({_named(table, constraint.columns)})", is_foot=True)
    for index in table.indexes:
        if len(index.columns) > 1:
            text = f"{index.accessor or index.name} ({_named(table, index.columns)})"
            yield Row(name=text, note=index.algorithm.name.lower(), mark="IX", is_foot=True)


def _named(table: TableDef, columns: Iterable[int]) -> str:
    return ", ".join(table.columns[position].name for position in columns)

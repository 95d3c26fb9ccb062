"""The plain face of a module, decided: `modules/spacetime.ts` in names, types and order.

Names are those of the module: columns and parameters as declared, fields inside named types by their canonical names,
functions as declared. What stands in a submodule has the namespace before it: `my_lib_add_item`, `MyLib_Item`,
`"my_lib.stock_item"`. Where a name is taken, the later one gets a `_` (`Namer`); the order is types, tables, functions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stdbctl.codegen.literals import Safe, TsName
from stdbctl.codegen.select import Selection
from stdbctl.codegen.typescript.plain_names import Namer, codec_name, export_namer
from stdbctl.codegen.typescript.types import TypeView, TypeViews
from stdbctl.codegen.typescript.views import NamespaceView, ProcedureView, ReducerView, TableView, TypeDefView
from stdbctl.sats import ProductElement, ProductType, Ref, SumType, SumVariant
from stdbctl.schema import ProcedureDef, ReducerDef, TableDef, TypeDef, ViewDef, pascal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainField:
    """A column, field or variant: its plain name, its key in the SDK, its type."""

    name: TsName
    key: TsName
    type: TypeView
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainType:
    """A named type; `codec`: the constant that converts it."""

    name: TsName
    codec: TsName
    is_sum: bool
    fields: tuple[PlainField, ...]
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTable:
    """A table or view. `const`: the exported value that stands for it; `alias`: whether it is to be a type too.

    `names`: every text that means the table, the one that `const` holds first. `key`: its key on the SDK's `db`;
    `query`: how its query is reached from the SDK's `tables`. `row`, `codec`: the type of its rows.
    """

    const: TsName
    const_doc: str
    names: tuple[str, ...]
    key: str
    query: Safe
    row: TsName
    codec: TsName
    primary_key: str | None
    alias: bool
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFunction:
    """A reducer or procedure. `group`, `key`: where the SDK keeps it; `label`: what error texts call it."""

    name: TsName
    label: str
    group: str
    key: str
    params: tuple[PlainField, ...]
    returns: TypeView | None
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFace:
    """All that `modules/spacetime.ts` shows."""

    doc: str
    types: tuple[PlainType, ...]
    tables: tuple[PlainTable, ...]
    functions: tuple[PlainFunction, ...]


def build_face(selections: Sequence[Selection], parts: Sequence[NamespaceView], doc: str) -> PlainFace:
    """Make the face; `parts` are the views of `selections`, one each."""
    namer = export_namer()
    builders = [_Builder(*pair, namer) for pair in zip(selections, parts, strict=True)]
    types = tuple(type_ for builder in builders for type_ in builder.types())
    taken = {name for selection in selections for item in selection.relations for name in _own_names(selection, item)}
    return PlainFace(
        doc=doc or "A client of this module.",
        types=types,
        tables=tuple(table for builder in builders for table in builder.tables(taken)),
        functions=tuple(function for builder in builders for function in builder.functions()),
    )


def _own_names(selection: Selection, item: TableDef | ViewDef) -> tuple[str, str]:
    return (selection.wire_prefix + item.accessor, selection.wire_prefix + item.name)


def _declared(type_def: TypeDef) -> str:
    return "".join(map(pascal, type_def.scope)) + type_def.accessor


def _as_class(accessor: str) -> str:
    return accessor if accessor[:1].isupper() else pascal(accessor)


class _Builder:
    """Makes the part of one module of the tree."""

    def __init__(self, selection: Selection, part: NamespaceView, namer: Namer) -> None:
        self.selection, self.part, self.namer = selection, part, namer
        joined = "_".join(selection.namespace)
        self.type_prefix = f"{pascal(joined)}_" if joined else ""
        self.function_prefix = f"{joined}_" if joined else ""
        self.declared = {t.type.index: _declared(t) for t in selection.types}
        self.names = {index: namer.name(self.type_prefix + name) for index, name in self.declared.items()}
        self.views = TypeViews(selection.module.typespace, self.names)
        relations: tuple[TableDef | ViewDef, ...] = (*selection.module.tables, *selection.module.views)
        self.accessors = {r.row_type.index: tuple(column.accessor for column in r.columns) for r in relations}

    def types(self) -> Iterator[PlainType]:
        for type_def, view in zip(self.selection.types, self.part.types, strict=True):
            yield self._type(type_def, view)

    def _type(self, type_def: TypeDef, view: TypeDefView) -> PlainType:
        index = type_def.type.index
        type_ = self.selection.module.typespace.types[index]
        assert isinstance(type_, ProductType | SumType), f"type `{type_def.name}` is neither a product nor a sum"
        parts: Sequence[ProductElement | SumVariant] = (
            type_.elements if isinstance(type_, ProductType) else type_.variants
        )
        declared = self.accessors.get(index, tuple(part.name or "" for part in parts))
        return PlainType(
            name=self.names[index],
            codec=codec_name(self.names[index]),
            is_sum=view.is_sum,
            fields=tuple(
                PlainField(name=TsName(name), key=field.key, type=self.views.view(part.type), doc=field.doc)
                for name, field, part in zip(declared, view.fields, parts, strict=True)
            ),
            doc=view.doc,
        )

    def tables(self, taken: set[str]) -> Iterator[PlainTable]:
        """Give the tables; `taken`: what may not be another table's name, added to."""
        class_names = self._class_names()
        consts: set[str] = set()
        for item, view in zip(self.selection.relations, self.part.tables, strict=True):
            own = class_names.get(item.accessor, _as_class(item.accessor))
            row = self.names[item.row_type.index]
            shares = own == self.declared[item.row_type.index] and row not in consts
            const = row if shares else self.namer.name(self.type_prefix + own)
            consts.add(const)
            text = self.selection.wire_prefix + own
            texts = [text] if text not in taken or text in _own_names(self.selection, item) else []
            taken.add(text)
            yield self._table(item, view, const, tuple(dict.fromkeys([*texts, *_own_names(self.selection, item)])))

    def _class_names(self) -> dict[str, str]:
        """Which tables (by accessor) their class stands for: its only one, or its only view where it has no table."""
        tables: dict[Ref, list[str]] = {}
        views: dict[Ref, list[str]] = {}
        for table in self.selection.tables:
            tables.setdefault(table.row_type, []).append(table.accessor)
        for view in self.selection.views:
            views.setdefault(view.row_type, []).append(view.accessor)
        found: dict[str, str] = {}
        for type_def in self.selection.types:
            accessors = tables.get(type_def.type) or views.get(type_def.type, [])
            if len(accessors) == 1:
                found[accessors[0]] = _declared(type_def)
        return found

    def _table(self, item: TableDef | ViewDef, view: TableView, const: TsName, texts: tuple[str, ...]) -> PlainTable:
        row = self.names[item.row_type.index]
        kind = "table" if isinstance(item, TableDef) else "view"
        path = ".".join((*view.namespace, view.local_key))
        return PlainTable(
            const=const,
            const_doc=f"The {kind} `{view.name}`, where one is to be named: `client.subscribe([{const}])`.",
            names=texts,
            key=view.key,
            query=Safe(f".{path}"),
            row=row,
            codec=codec_name(row),
            primary_key=item.columns[item.primary_key].accessor if item.primary_key is not None else None,
            alias=const != row,
            doc=view.doc,
        )

    def functions(self) -> Iterator[PlainFunction]:
        for reducer, reducer_view in zip(self.selection.reducers, self.part.reducers, strict=True):
            if reducer_view.is_callable:
                yield self._function(reducer, reducer_view, "reducers", None)
        for procedure, procedure_view in zip(self.selection.procedures, self.part.procedures, strict=True):
            yield self._function(procedure, procedure_view, "procedures", self.views.view(procedure.return_type))

    def _function(
        self, item: ReducerDef | ProcedureDef, view: ReducerView | ProcedureView, group: str, returns: TypeView | None
    ) -> PlainFunction:
        namer = Namer()
        return PlainFunction(
            name=self.namer.name(self.function_prefix + item.accessor),
            label=self.selection.wire_prefix + item.accessor,
            group=group,
            key=view.sdk_key,
            params=tuple(
                PlainField(name=namer.name(p.accessor), key=field.key, type=self.views.view(p.type))
                for p, field in zip(item.params, view.params, strict=True)
            ),
            returns=returns,
            doc=view.doc,
        )

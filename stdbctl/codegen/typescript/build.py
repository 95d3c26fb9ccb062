"""From a module definition that has passed the checks to the views of its TypeScript."""

from collections.abc import Iterable, Iterator, Sequence

from stdbctl.codegen.cycles import recursive_refs, refs_of
from stdbctl.codegen.literals import TsName
from stdbctl.codegen.select import Selection
from stdbctl.codegen.typescript import names
from stdbctl.codegen.typescript.types import TypeView, TypeViews
from stdbctl.codegen.typescript.views import (
    AliasView,
    ConstraintView,
    FieldView,
    IndexView,
    ModuleView,
    NamespaceNode,
    NamespaceView,
    ProcedureView,
    ReducerView,
    TableView,
    TypeDefView,
    imported_names,
)
from stdbctl.sats import ProductType, SumType
from stdbctl.schema import (
    ColumnDef,
    ModuleDef,
    ParamDef,
    ProcedureDef,
    ReducerDef,
    TableDef,
    TypeDef,
    UniqueDef,
    ViewDef,
    camel,
    pascal,
    sdk_camel,
)


def build_module(selections: Sequence[Selection]) -> ModuleView:
    """Make the views of a module; `selections` starts with the root."""
    root, *submodules = (_NamespaceBuilder(selection).build() for selection in selections)
    return ModuleView(
        root=root,
        submodules=tuple(submodules),
        row_imports=tuple(sorted(root.tables, key=lambda t: t.accessor)),
        aliases=_aliases(root.tables),
        nested_tables=_nest((), [t for s in submodules for t in s.tables]),
        nested_reducers=_nest((), [r for s in submodules for r in s.reducers if r.is_callable]),
        nested_procedures=_nest((), [p for s in submodules for p in s.procedures]),
        doc=selections[0].module.docs.get("module", ""),
    )


class _NamespaceBuilder:
    """Makes the views of one module of the tree."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.module = selection.module
        self.docs = selection.module.docs
        self.namespace = selection.namespace
        self.folder = "".join(f"{segment}/" for segment in selection.namespace)
        self.import_prefix = f"{pascal('_'.join(selection.namespace))}_" if selection.namespace else ""
        self.types = TypeViews(
            self.module.typespace, {t.type.index: TsName(names.type_name(t)) for t in self.module.types}
        )
        self.cycles = recursive_refs(self.module.typespace)
        self.row_docs = {item.row_type.index: f"{kind}.{item.name}" for kind, item in _relations(self.module)}

    def build(self) -> NamespaceView:
        return NamespaceView(
            folder=self.folder,
            namespace=self.namespace,
            tables=(*map(self.table, self.selection.tables), *map(self.view, self.selection.views)),
            reducers=tuple(map(self.reducer, self.selection.reducers)),
            procedures=tuple(map(self.procedure, self.selection.procedures)),
            types=tuple(map(self.type_def, self.selection.types)),
        )

    def table(self, table: TableDef) -> TableView:
        keys = [TsName(camel(column.name)) for column in table.columns]
        unique = [c for c in table.constraints if self._is_known_as_unique(table, c)]
        return self._table_view(
            table,
            doc_path=f"table.{table.name}",
            unique={c.columns[0] for c in unique},
            indexes=tuple(
                IndexView(accessor=i.accessor, name=i.name, columns=tuple(keys[c] for c in i.columns))
                for i in sorted(table.indexes, key=lambda i: i.name)
                if i.accessor is not None
            ),
            constraints=tuple(
                ConstraintView(name=c.name, columns=tuple(keys[i] for i in c.columns))
                for c in sorted(unique, key=lambda c: c.name)
            ),
            is_event=table.is_event,
        )

    def _is_known_as_unique(self, table: TableDef, constraint: UniqueDef) -> bool:
        """Whether the SDK's types too can say that it is unique; only then does its look-up offer what they promise.

        They cannot for several columns, and not for types whose builder has no `.unique()`.
        """
        if len(constraint.columns) != 1:
            return False
        (column,) = constraint.columns
        return column == table.primary_key or self.types.view(table.columns[column].type).can_be_unique

    def view(self, view: ViewDef) -> TableView:
        return self._table_view(view, doc_path=f"view.{view.name}", unique=set())

    def _table_view(
        self,
        item: TableDef | ViewDef,
        *,
        doc_path: str,
        unique: set[int],
        indexes: tuple[IndexView, ...] = (),
        constraints: tuple[ConstraintView, ...] = (),
        is_event: bool = False,
    ) -> TableView:
        columns = tuple(
            self._column(column, doc_path, is_primary_key=i == item.primary_key, is_unique=i in unique)
            for i, column in enumerate(item.columns)
        )
        key = camel(item.accessor)
        return TableView(
            key=f"{self.selection.wire_prefix}{item.name}" if self.namespace else key,
            local_key=TsName(key),
            namespace=self.namespace,
            name=f"{self.selection.wire_prefix}{item.name}",
            accessor=item.accessor,
            path=f"{self.folder}{names.table_stem(item.accessor)}",
            row=TsName(f"{self.import_prefix}{pascal(item.accessor)}Row"),
            columns=columns,
            imports=imported_names(column.type for column in columns),
            indexes=indexes,
            constraints=constraints,
            is_event=is_event,
            doc=self.docs.get(doc_path, ""),
        )

    def _column(self, column: ColumnDef, doc_path: str, *, is_primary_key: bool, is_unique: bool) -> FieldView:
        type_ = self.types.view(column.type)
        key = TsName(camel(column.name))
        return FieldView(
            key=key,
            type=type_,
            is_getter=any(True for _ in type_.names()),
            is_primary_key=is_primary_key,
            is_unique=is_unique and not is_primary_key,
            wire_name=column.name if column.name != key and type_.can_be_renamed else None,
            doc=self.docs.get(f"{doc_path}.{column.name}", ""),
        )

    def reducer(self, reducer: ReducerDef) -> ReducerView:
        params = self._params(reducer.params, f"reducer.{reducer.name}")
        wire_name = f"{self.selection.wire_prefix}{reducer.name}"
        return ReducerView(
            wire_name=wire_name,
            sdk_key=sdk_camel(wire_name),
            local_key=TsName(camel(reducer.accessor)),
            namespace=self.namespace,
            path=f"{self.folder}{names.reducer_stem(reducer.accessor)}",
            schema=TsName(f"{self.import_prefix}{pascal(reducer.accessor)}Reducer"),
            params_type=TsName(f"{pascal(reducer.accessor)}Params"),
            params=params,
            imports=imported_names(param.type for param in params),
            is_callable=reducer.lifecycle is None,
            doc=self.docs.get(f"reducer.{reducer.name}", ""),
        )

    def procedure(self, procedure: ProcedureDef) -> ProcedureView:
        params = self._params(procedure.params, f"procedure.{procedure.name}")
        returns = self.types.view(procedure.return_type)
        wire_name = f"{self.selection.wire_prefix}{procedure.name}"
        return ProcedureView(
            wire_name=wire_name,
            sdk_key=sdk_camel(wire_name),
            local_key=TsName(camel(procedure.accessor)),
            namespace=self.namespace,
            path=f"{self.folder}{names.procedure_stem(procedure.accessor)}",
            schema=TsName(f"{self.import_prefix}{pascal(procedure.accessor)}Procedure"),
            args_type=TsName(f"{pascal(procedure.accessor)}Args"),
            result_type=TsName(f"{pascal(procedure.accessor)}Result"),
            params=params,
            returns=returns,
            imports=imported_names([*(param.type for param in params), returns]),
            doc=self.docs.get(f"procedure.{procedure.name}", ""),
        )

    def _params(self, params: Iterable[ParamDef], doc_path: str) -> tuple[FieldView, ...]:
        return tuple(
            _field(camel(p.name), self.types.view(p.type), doc=self.docs.get(f"{doc_path}.{p.name}", ""))
            for p in params
        )

    def type_def(self, type_def: TypeDef) -> TypeDefView:
        type_ = self.module.typespace.types[type_def.type.index]
        assert isinstance(type_, ProductType | SumType), f"type `{type_def.name}` is neither a product nor a sum"
        cycle = self.cycles.get(type_def.type.index, frozenset())
        doc_path = f"type.{'.'.join((*type_def.scope, type_def.name))}"
        row_path = self.row_docs.get(type_def.type.index, doc_path)
        parts = type_.elements if isinstance(type_, ProductType) else type_.variants
        key_of = camel if isinstance(type_, ProductType) else pascal
        return TypeDefView(
            name=TsName(names.type_name(type_def)),
            is_sum=isinstance(type_, SumType),
            is_recursive=bool(cycle),
            fields=tuple(
                _field(
                    key_of(part.name or ""),
                    self.types.view(part.type),
                    is_recursive=not cycle.isdisjoint(refs_of(part.type)),
                    doc=self.docs.get(f"{doc_path}.{part.name}") or self.docs.get(f"{row_path}.{part.name}", ""),
                )
                for part in parts
            ),
            doc=self.docs.get(doc_path) or self.docs.get(row_path, ""),
        )


def _relations(module: ModuleDef) -> Iterator[tuple[str, TableDef | ViewDef]]:
    """Views, then tables, backwards by name: of those that share a row type, the last one documents it."""
    yield from (("view", view) for view in sorted(module.views, key=lambda v: v.name, reverse=True))
    yield from (("table", table) for table in sorted(module.tables, key=lambda t: t.name, reverse=True))


def _field(key: str, type_: TypeView, *, is_recursive: bool = False, doc: str = "") -> FieldView:
    is_getter = any(True for _ in type_.names())
    return FieldView(key=TsName(key), type=type_, is_getter=is_getter, is_recursive=is_recursive, doc=doc)


def _aliases(tables: Sequence[TableView]) -> tuple[AliasView, ...]:
    """The source names by which tables may be reached too, as long as no table has one as its key.

    `__proto__` has no alias: as a key of an object literal it would not be a key.
    """
    keys = {table.key for table in tables} | {"__proto__"}
    return tuple(AliasView(accessor=t.accessor, key=t.local_key) for t in tables if t.accessor not in keys)


_Nested = TableView | ReducerView | ProcedureView


def _nest(path: tuple[str, ...], items: Sequence[_Nested]) -> tuple[NamespaceNode, ...]:
    """Arrange the items of submodules by namespace segment, below `path`."""
    depth = len(path)
    below = [item for item in items if item.namespace[:depth] == path and len(item.namespace) > depth]
    return tuple(
        NamespaceNode(
            name=TsName(segment),
            entries=tuple(
                (item.local_key, item.key if isinstance(item, TableView) else item.sdk_key)
                for item in below
                if item.namespace == (*path, segment)
            ),
            children=_nest((*path, segment), below),
        )
        for segment in sorted({item.namespace[depth] for item in below})
    )

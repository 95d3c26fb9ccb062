"""From a module definition to the model of a user's own templates."""

from collections.abc import Iterable, Iterator, Sequence

from stdbctl.codegen.custom.model import (
    Column,
    Field,
    Index,
    Module,
    Name,
    NamedType,
    Procedure,
    Reducer,
    Schedule,
    Table,
    Type,
)
from stdbctl.codegen.cycles import recursive_refs
from stdbctl.codegen.select import Selection
from stdbctl.sats import (
    BYTES,
    NEVER,
    UNIT,
    AlgebraicType,
    ArrayType,
    JsonStyle,
    Primitive,
    ProductType,
    Ref,
    SumType,
    compile_codec,
    option_inner,
    result_inner,
    special_name,
    to_json,
)
from stdbctl.schema import (
    ColumnDef,
    IndexDef,
    ParamDef,
    ProcedureDef,
    ReducerDef,
    TableDef,
    TypeDef,
    ViewDef,
    pascal,
    snake,
)

_FIXED = {BYTES: Type(kind="bytes"), UNIT: Type(kind="unit"), NEVER: Type(kind="never")}


def build_model(selections: Sequence[Selection], schema_hash: str) -> Module:
    """Make the model of all that was selected: the root's items, then those of its submodules."""
    builders = [_Builder(selection) for selection in selections]
    return Module(
        tables=tuple(b.table(table) for b in builders for table in b.selection.tables),
        views=tuple(b.view(view) for b in builders for view in b.selection.views),
        reducers=tuple(b.reducer(reducer) for b in builders for reducer in b.selection.reducers),
        procedures=tuple(b.procedure(procedure) for b in builders for procedure in b.selection.procedures),
        types=tuple(type_ for b in builders for type_ in b.types()),
        schema_hash=schema_hash,
        doc=selections[0].module.docs.get("module", ""),
    )


class _Builder:
    """Makes the items of one module of the tree."""

    def __init__(self, selection: Selection) -> None:
        self.selection, self.module = selection, selection.module
        self.docs = selection.module.docs
        self.cycles = recursive_refs(self.module.typespace)
        self.type_names = {t.type.index: self._type_name(t) for t in self.module.types}

    def table(self, table: TableDef) -> Table:
        columns = tuple(self._column(table, position) for position in range(len(table.columns)))
        unique = {constraint.columns for constraint in table.constraints}
        schedule = table.schedule
        return Table(
            name=self._name(table.accessor, table.name),
            wire_name=self.selection.wire_prefix + table.name,
            row=self._row_name(table),
            columns=columns,
            primary_key=None if table.primary_key is None else columns[table.primary_key],
            indexes=tuple(_index(i, columns, unique) for i in sorted(table.indexes, key=lambda i: i.name)),
            schedule=None
            if schedule is None
            else Schedule(function=self.selection.wire_prefix + schedule.function, column=columns[schedule.column]),
            is_public=table.is_public,
            is_event=table.is_event,
            doc=self.docs.get(f"table.{table.name}", ""),
        )

    def view(self, view: ViewDef) -> Table:
        columns = tuple(
            Column(
                name=Name(source=column.accessor, canonical=column.name),
                type=self.type(column.type),
                is_primary_key=position == view.primary_key,
                is_unique=position == view.primary_key,
                doc=self.docs.get(f"view.{view.name}.{column.name}", ""),
            )
            for position, column in enumerate(view.columns)
        )
        return Table(
            name=self._name(view.accessor, view.name),
            wire_name=self.selection.wire_prefix + view.name,
            row=self._row_name(view),
            columns=columns,
            primary_key=None if view.primary_key is None else columns[view.primary_key],
            is_public=view.is_public,
            is_view=True,
            doc=self.docs.get(f"view.{view.name}", ""),
        )

    def reducer(self, reducer: ReducerDef) -> Reducer:
        return Reducer(
            name=self._name(reducer.accessor, reducer.name),
            wire_name=self.selection.wire_prefix + reducer.name,
            params=self._params(reducer.params, f"reducer.{reducer.name}"),
            lifecycle=None if reducer.lifecycle is None else reducer.lifecycle.name.lower(),
            is_private=reducer.is_private,
            doc=self.docs.get(f"reducer.{reducer.name}", ""),
        )

    def procedure(self, procedure: ProcedureDef) -> Procedure:
        return Procedure(
            name=self._name(procedure.accessor, procedure.name),
            wire_name=self.selection.wire_prefix + procedure.name,
            params=self._params(procedure.params, f"procedure.{procedure.name}"),
            returns=self.type(procedure.return_type),
            is_private=procedure.is_private,
            doc=self.docs.get(f"procedure.{procedure.name}", ""),
        )

    def types(self) -> Iterator[NamedType]:
        relations: tuple[TableDef | ViewDef, ...] = (*self.module.tables, *self.module.views)
        rows = {item.row_type.index for item in relations}
        for type_def in self.selection.types:
            index = type_def.type.index
            type_ = self.module.typespace.types[index]
            assert isinstance(type_, ProductType | SumType), f"type `{type_def.name}` is neither a product nor a sum"
            doc_path = f"type.{'.'.join((*type_def.scope, type_def.name))}"
            parts = type_.elements if isinstance(type_, ProductType) else type_.variants
            yield NamedType(
                name=self.type_names[index],
                kind=_kind(type_),
                fields=tuple(
                    Field(
                        name=Name(source=part.name or "", canonical=part.name or ""),
                        type=self.type(part.type),
                        doc=self.docs.get(f"{doc_path}.{part.name}", ""),
                    )
                    for part in parts
                ),
                is_row=index in rows,
                is_recursive=index in self.cycles,
                doc=self.docs.get(doc_path, ""),
            )

    def type(self, type_: AlgebraicType) -> Type:
        """The type as it is used."""
        if isinstance(type_, Ref):
            name = self.type_names.get(type_.index)
            # an alias in the typespace that no type definition names stands for what it is
            return Type(kind="named", name=name) if name else self.type(self.module.typespace.types[type_.index])
        if isinstance(type_, Primitive):
            return Type(kind=type_.name.lower())
        if type_ in _FIXED:
            return _FIXED[type_]
        if isinstance(type_, ArrayType):
            return Type(kind="array", element=self.type(type_.element))
        if (special := special_name(type_)) is not None:
            return Type(kind=snake(special))
        if (inner := option_inner(type_)) is not None:
            return Type(kind="option", element=self.type(inner))
        sides = result_inner(type_)
        assert sides is not None, f"{type_} has no name; validation lets only named products and sums through"
        return Type(kind="result", ok=self.type(sides[0]), err=self.type(sides[1]))

    def _column(self, table: TableDef, position: int) -> Column:
        column = table.columns[position]
        return Column(
            name=Name(source=column.accessor, canonical=column.name),
            type=self.type(column.type),
            is_primary_key=position == table.primary_key,
            is_unique=any(constraint.columns == (position,) for constraint in table.constraints),
            is_auto_inc=any(sequence.column == position for sequence in table.sequences),
            has_default=column.default is not None,
            default=self._default(column),
            doc=self.docs.get(f"table.{table.name}.{column.name}", ""),
        )

    def _default(self, column: ColumnDef) -> object:
        if column.default is None:
            return None
        value = compile_codec(column.type, self.module.typespace).decode_all(column.default)
        data: object = to_json(column.type, self.module.typespace, value, JsonStyle.DECLARED)
        return data

    def _params(self, params: Iterable[ParamDef], doc_path: str) -> tuple[Field, ...]:
        return tuple(
            Field(
                name=Name(source=param.accessor, canonical=param.name),
                type=self.type(param.type),
                doc=self.docs.get(f"{doc_path}.{param.name}", ""),
            )
            for param in params
        )

    def _row_name(self, item: TableDef | ViewDef) -> Name:
        return self.type_names[item.row_type.index]

    def _type_name(self, type_def: TypeDef) -> Name:
        scope = "".join(map(pascal, type_def.scope))
        source = f"{scope}_{type_def.accessor}" if scope else type_def.accessor
        return self._name(source, ".".join((*type_def.scope, type_def.name)))

    def _name(self, source: str, canonical: str) -> Name:
        return Name(source=source, canonical=canonical, namespace=self.selection.namespace)


def _index(index: IndexDef, columns: Sequence[Column], unique: set[tuple[int, ...]]) -> Index:
    return Index(
        name=index.name,
        accessor=index.accessor,
        algorithm=index.algorithm.name.lower(),
        columns=tuple(columns[position] for position in index.columns),
        is_unique=tuple(sorted(index.columns)) in unique,
    )


def _kind(type_: ProductType | SumType) -> str:
    if isinstance(type_, ProductType):
        return "product"
    return "enum" if all(variant.type == UNIT for variant in type_.variants) else "sum"

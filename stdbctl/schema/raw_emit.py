"""From a validated definition back to a raw one, for those who ask a server for its schema.

V10: source names, with an ExplicitNames entry for every table and function, so that reading it gives the same
canonical names. Elements inside the typespace and type names are canonical already; where converting them once more
would change them (a module that converts nothing, a type `A_B`), the definition says that nothing is to be converted.
V9: canonical names only; events, visibility, HTTP and submodules are lost.
"""

from collections.abc import Iterator
from dataclasses import replace

from stdbctl.sats import ProductElement, ProductType
from stdbctl.schema.definition import IndexDef, ModuleDef, ParamDef, TableDef, ViewDef
from stdbctl.schema.naming import Namer, index_name
from stdbctl.schema.raw import (
    ExplicitName,
    NameKind,
    RawHttpRouteDef,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawScheduleDef,
    RawSequenceDef,
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawUniqueDef,
    RawViewDef,
    RawViewPrimaryKey,
)
from stdbctl.schema.rules.views import query_row


def raw_v10_of(module: ModuleDef) -> RawModuleDef:
    """The V10 definition that stands for `module`; validating it gives the same module.

    Lost: source names of columns, types and their elements; docs; the order in which the columns of a unique
    constraint were declared, which its name may show; where nothing is converted, canonical names of parameters that
    differ from the source names.
    """
    functions = {p.name: p.accessor for p in module.procedures} | {r.name: r.accessor for r in module.reducers}
    handlers = {handler.name: handler.accessor for handler in module.http_handlers}
    raw = RawModuleDef(
        typespace=module.typespace,
        types=_types(module),
        tables=tuple(_table(table, table.accessor, [i.source_name for i in table.indexes]) for table in module.tables),
        reducers=tuple(
            RawReducerDef(source_name=r.accessor, params=_params(r.params), is_private=r.is_private)
            for r in module.reducers
        ),
        procedures=tuple(
            RawProcedureDef(
                source_name=p.accessor, params=_params(p.params), return_type=p.return_type, is_private=p.is_private
            )
            for p in module.procedures
        ),
        views=tuple(_view(view, view.accessor) for view in module.views),
        schedules=tuple(
            RawScheduleDef(
                source_name=table.schedule.name,
                table_name=table.accessor,
                schedule_at_col=table.schedule.column,
                function_name=functions[table.schedule.function],
            )
            for table in module.tables
            if table.schedule is not None
        ),
        lifecycle_reducers=_lifecycles(module),
        row_level_security=module.row_level_security,
        http_handlers=tuple(handlers.values()),
        http_routes=tuple(
            RawHttpRouteDef(handler_function=handlers[route.handler], method=route.method, path=route.path)
            for route in module.http_routes
        ),
        view_primary_keys=tuple(
            RawViewPrimaryKey(view_source_name=view.accessor, columns=(view.columns[view.primary_key].name,))
            for view in module.views
            if view.primary_key is not None and query_row(view.return_type) is None
        ),
        explicit_names=tuple(_explicit_names(module)),
        submodules=tuple(
            RawSubmodule(namespace=sub.namespace, module=raw_v10_of(sub.module)) for sub in module.submodules
        ),
    )
    return raw if _is_stable(raw) else replace(raw, snake_case=False)


def _is_stable(raw: RawModuleDef) -> bool:
    """Whether the default conversion leaves the canonical names inside `raw` as they are."""
    namer = Namer(raw)
    names = [name for type_def in raw.types for name in (type_def.source_name, *type_def.scope)]
    return namer.typespace(raw.typespace) == raw.typespace and all(namer.type(name) == name for name in names)


def _explicit_names(module: ModuleDef) -> Iterator[ExplicitName]:
    for table in module.tables:
        yield ExplicitName(kind=NameKind.TABLE, source_name=table.accessor, canonical_name=table.name)
    functions = [(r.accessor, r.name) for r in module.reducers]
    functions += [(p.accessor, p.name) for p in module.procedures]
    functions += [(v.accessor, v.name) for v in module.views]
    for source, canonical in functions:
        yield ExplicitName(kind=NameKind.FUNCTION, source_name=source, canonical_name=canonical)
    namer = Namer(RawModuleDef())
    for handler in module.http_handlers:
        if namer.function(handler.accessor) != handler.name:
            yield ExplicitName(kind=NameKind.FUNCTION, source_name=handler.accessor, canonical_name=handler.name)
    for table in module.tables:
        for index in table.indexes:
            if index.name != _generated(table, index):
                yield ExplicitName(kind=NameKind.INDEX, source_name=index.source_name, canonical_name=index.name)


def _generated(table: TableDef, index: IndexDef) -> str:
    return index_name(table.name, [table.columns[column].name for column in index.columns], index.algorithm)


def raw_v9_of(module: ModuleDef) -> RawModuleDef:
    """The V9 definition that stands for `module`: canonical names, sorted by name but for functions."""
    tables = sorted(module.tables, key=lambda table: table.name)
    return RawModuleDef(
        typespace=module.typespace,
        types=tuple(sorted(_types(module), key=lambda type_def: (type_def.scope, type_def.source_name))),
        tables=tuple(_table_v9(table) for table in tables),
        reducers=tuple(RawReducerDef(source_name=r.name, params=_params(r.params)) for r in module.reducers),
        procedures=tuple(
            RawProcedureDef(source_name=p.name, params=_params(p.params), return_type=p.return_type)
            for p in module.procedures
        ),
        views=tuple(_view(view, view.name) for view in module.views),
        schedules=tuple(
            RawScheduleDef(
                source_name=table.schedule.name,
                table_name=table.name,
                schedule_at_col=table.schedule.column,
                function_name=table.schedule.function,
            )
            for table in tables
            if table.schedule is not None
        ),
        lifecycle_reducers=tuple(
            RawLifecycleDef(lifecycle=r.lifecycle, function_name=r.name)
            for r in module.reducers
            if r.lifecycle is not None
        ),
        row_level_security=module.row_level_security,
        snake_case=False,
    )


def _table_v9(table: TableDef) -> RawTableDef:
    table = replace(
        table,
        indexes=tuple(sorted(table.indexes, key=lambda index: index.name)),
        constraints=tuple(sorted(table.constraints, key=lambda constraint: constraint.name)),
        sequences=tuple(sorted(table.sequences, key=lambda sequence: sequence.name)),
        is_event=False,
    )
    return _table(table, table.name, [index.name for index in table.indexes])


def _types(module: ModuleDef) -> tuple[RawTypeDef, ...]:
    return tuple(
        RawTypeDef(source_name=t.name, type=t.type, scope=t.scope, custom_ordering=t.custom_ordering)
        for t in module.types
    )


def _table(table: TableDef, name: str, index_names: list[str]) -> RawTableDef:
    return RawTableDef(
        source_name=name,
        product_type_ref=table.row_type.index,
        primary_key=() if table.primary_key is None else (table.primary_key,),
        indexes=tuple(
            RawIndexDef(
                source_name=index_name, accessor_name=index.accessor, algorithm=index.algorithm, columns=index.columns
            )
            for index_name, index in zip(index_names, table.indexes, strict=True)
        ),
        constraints=tuple(RawUniqueDef(source_name=c.name, columns=c.columns) for c in table.constraints),
        sequences=tuple(
            RawSequenceDef(
                source_name=s.name,
                column=s.column,
                start=s.start,
                min_value=s.min_value,
                max_value=s.max_value,
                increment=s.increment,
            )
            for s in table.sequences
        ),
        is_system=table.is_system,
        is_public=table.is_public,
        default_values=tuple(
            (position, column.default) for position, column in enumerate(table.columns) if column.default is not None
        ),
        is_event=table.is_event,
    )


def _params(params: tuple[ParamDef, ...]) -> ProductType:
    return ProductType(tuple(ProductElement(param.accessor, param.type) for param in params))


def _view(view: ViewDef, name: str) -> RawViewDef:
    return RawViewDef(
        source_name=name,
        index=view.index,
        is_public=view.is_public,
        is_anonymous=view.is_anonymous,
        params=_params(view.params),
        return_type=view.return_type,
    )


def _lifecycles(module: ModuleDef) -> tuple[RawLifecycleDef, ...]:
    events = [(r.lifecycle, r.accessor) for r in module.reducers if r.lifecycle is not None]
    return tuple(
        RawLifecycleDef(lifecycle=event, function_name=name)
        for event, name in sorted(events, key=lambda pair: pair[0].value)
    )

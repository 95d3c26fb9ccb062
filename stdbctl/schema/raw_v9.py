"""A raw definition as an engine value of RawModuleDefV9 (raw_types.py) and back.

V9 has no case conversion, no explicit names, no visibility, no events and no HTTP: writing leaves these out, so what
is written must already have canonical names (`raw_v9_of`). Defaults, procedures and views are `misc_exports`.
"""

from collections import defaultdict
from typing import Any  # Any: engine values of the types in raw_types.py

from stdbctl.sats import DecodeError, ProductType, Ref, Typespace, type_from_value, type_to_value
from stdbctl.schema.definition import Lifecycle
from stdbctl.schema.naming import column_names, index_name
from stdbctl.schema.raw import (
    ExplicitName,
    NameKind,
    RawIndexDef,
    RawLifecycleDef,
    RawModuleDef,
    RawProcedureDef,
    RawReducerDef,
    RawScheduleDef,
    RawTableDef,
    RawTypeDef,
)
from stdbctl.schema.raw_parts import (
    PUBLIC,
    SYSTEM,
    algorithm_of,
    algorithm_value,
    constraint_of,
    constraint_value,
    product_of,
    product_value,
    sequence_of,
    sequence_value,
    table_kind_value,
    typespace_of,
    typespace_value,
    view_of,
    view_value,
)

_DEFAULT, _PROCEDURE, _VIEW = range(3)


def v9_value(raw: RawModuleDef) -> Any:
    """The value of a raw definition whose names are canonical."""
    schedules = {schedule.table_name: schedule for schedule in raw.schedules}
    lifecycles = {event.function_name: (event.lifecycle.value, ()) for event in raw.lifecycle_reducers}
    return (
        typespace_value(raw.typespace),
        tuple(_table_value(table, schedules.get(table.source_name)) for table in raw.tables),
        tuple((r.source_name, product_value(r.params), lifecycles.get(r.source_name)) for r in raw.reducers),
        tuple(((t.scope, t.source_name), t.type.index, t.custom_ordering) for t in raw.types),
        _misc_exports(raw),
        tuple((sql,) for sql in raw.row_level_security),
    )


def _misc_exports(raw: RawModuleDef) -> Any:
    defaults = [
        (_DEFAULT, (table.source_name, column, data)) for table in raw.tables for column, data in table.default_values
    ]
    procedures = [
        (_PROCEDURE, (p.source_name, product_value(p.params), type_to_value(p.return_type))) for p in raw.procedures
    ]
    return (*defaults, *procedures, *((_VIEW, view_value(view)) for view in raw.views))


def _table_value(raw: RawTableDef, schedule: RawScheduleDef | None) -> Any:
    return (
        raw.source_name,
        raw.product_type_ref,
        raw.primary_key,
        tuple((i.source_name, i.accessor_name, algorithm_value(i.algorithm, i.columns)) for i in raw.indexes),
        tuple(map(constraint_value, raw.constraints)),
        tuple(map(sequence_value, raw.sequences)),
        schedule and (schedule.source_name, schedule.function_name, schedule.schedule_at_col),
        *table_kind_value(raw),
    )


def raw_of_v9(value: Any) -> RawModuleDef:
    """The raw definition that a value stands for; names stay as they are, those of indexes become explicit.

    Raises:
        DecodeError: a default names a table that is not there.
    """
    typespace_part, tables, reducers, types, exports, security = value
    typespace = typespace_of(typespace_part)
    by_tag: dict[int, list[Any]] = defaultdict(list)
    for tag, payload in exports:
        by_tag[tag].append(payload)
    defaults = _defaults(tables, by_tag[_DEFAULT])
    return RawModuleDef(
        typespace=typespace,
        types=tuple(_type_of(type_) for type_ in types),
        tables=tuple(_table_of(typespace, table, defaults[table[0]]) for table in tables),
        reducers=tuple(RawReducerDef(source_name=name, params=product_of(params)) for name, params, _ in reducers),
        procedures=tuple(map(_procedure_of, by_tag[_PROCEDURE])),
        views=tuple(map(view_of, by_tag[_VIEW])),
        schedules=tuple(_schedule_of(table[0], table[6]) for table in tables if table[6] is not None),
        lifecycle_reducers=tuple(
            RawLifecycleDef(lifecycle=Lifecycle(event[0]), function_name=name)
            for name, _, event in reducers
            if event is not None
        ),
        row_level_security=tuple(sql for (sql,) in security),
        snake_case=False,
        explicit_names=tuple(_index_names(tables)),
    )


def _defaults(tables: Any, exports: list[Any]) -> dict[str, list[tuple[int, bytes]]]:
    defaults: dict[str, list[tuple[int, bytes]]] = {table[0]: [] for table in tables}
    for table, column, data in exports:
        if table not in defaults:
            raise DecodeError(f"a default is given for the table `{table}`, which does not exist")
        defaults[table].append((column, data))
    return defaults


def _type_of(value: Any) -> RawTypeDef:
    (scope, name), index, custom_ordering = value
    return RawTypeDef(source_name=name, scope=scope, type=Ref(index), custom_ordering=custom_ordering)


def _table_of(typespace: Typespace, value: Any, defaults: list[tuple[int, bytes]]) -> RawTableDef:
    name, ref, primary_key, indexes, constraints, sequences, _, type_, access = value
    return RawTableDef(
        source_name=name,
        product_type_ref=ref,
        primary_key=primary_key,
        indexes=tuple(_index_of(typespace, name, ref, index) for index in indexes),
        constraints=tuple(map(constraint_of, constraints)),
        sequences=tuple(map(sequence_of, sequences)),
        is_system=type_ == SYSTEM,
        is_public=access == PUBLIC,
        default_values=tuple(defaults),
    )


def _index_of(typespace: Typespace, table: str, ref: int, value: Any) -> RawIndexDef:
    name, accessor_name, algorithm = value
    kind, columns = algorithm_of(algorithm)
    if name is None:
        row = typespace.types[ref] if ref < len(typespace.types) else None
        names = column_names(row if isinstance(row, ProductType) else ProductType(), columns)
        name = index_name(table, names, kind)
    return RawIndexDef(source_name=name, accessor_name=accessor_name, algorithm=kind, columns=columns)


def _index_names(tables: Any) -> list[ExplicitName]:
    return [
        ExplicitName(kind=NameKind.INDEX, source_name=index[0], canonical_name=index[0])
        for table in tables
        for index in table[3]
        if index[0] is not None
    ]


def _procedure_of(value: Any) -> RawProcedureDef:
    name, params, return_type = value
    return RawProcedureDef(source_name=name, params=product_of(params), return_type=type_from_value(return_type))


def _schedule_of(table: str, value: Any) -> RawScheduleDef:
    name, function, column = value
    return RawScheduleDef(source_name=name, table_name=table, schedule_at_col=column, function_name=function)

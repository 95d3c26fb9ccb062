"""A raw definition as an engine value of RawModuleDefV10 (raw_types.py) and back.

`sections: [Section]`; written in the order of `_WRITERS`, empty ones left out save Typespace and ExplicitNames;
read in any order, each at most once, absent = empty.
"""

from collections.abc import Callable
from typing import Any  # Any: engine values of the types in raw_types.py

from stdbctl.sats import DecodeError, Ref, type_from_value, type_to_value
from stdbctl.schema.definition import Lifecycle
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
    RawSubmodule,
    RawTableDef,
    RawTypeDef,
    RawViewPrimaryKey,
)
from stdbctl.schema.raw_parts import (
    PUBLIC,
    SYSTEM,
    algorithm_of,
    algorithm_value,
    constraint_of,
    constraint_value,
    method_of,
    method_value,
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
from stdbctl.schema.raw_types import SECTION


def v10_value(raw: RawModuleDef) -> Any:
    """The value of a raw definition."""
    sections = []
    for tag, is_kept, write in _WRITERS:
        payload = write(raw)
        if payload or is_kept:
            sections.append((tag, payload))
    if not raw.snake_case:
        sections.append((9, (0, ())))
    return (tuple(sections),)


def raw_of_v10(value: Any) -> RawModuleDef:
    """The raw definition that a value stands for.

    Raises:
        DecodeError: a section is there twice, or an index has no source name.
    """
    fields: dict[str, Any] = {}
    for tag, payload in value[0]:
        name, read = _READERS[tag]
        if name in fields:
            raise DecodeError(f"the section {SECTION.variants[tag].name} is there twice")
        fields[name] = read(payload)
    return RawModuleDef(**fields)


def _type_value(raw: RawTypeDef) -> Any:
    return ((raw.scope, raw.source_name), raw.type.index, raw.custom_ordering)


def _type_of(value: Any) -> RawTypeDef:
    (scope, name), index, custom_ordering = value
    return RawTypeDef(source_name=name, scope=scope, type=Ref(index), custom_ordering=custom_ordering)


def _table_value(raw: RawTableDef) -> Any:
    return (
        raw.source_name,
        raw.product_type_ref,
        raw.primary_key,
        tuple((i.source_name, i.accessor_name, algorithm_value(i.algorithm, i.columns)) for i in raw.indexes),
        tuple(map(constraint_value, raw.constraints)),
        tuple(map(sequence_value, raw.sequences)),
        *table_kind_value(raw),
        raw.default_values,
        raw.is_event,
    )


def _table_of(value: Any) -> RawTableDef:
    name, ref, primary_key, indexes, constraints, sequences, type_, access, defaults, is_event = value
    return RawTableDef(
        source_name=name,
        product_type_ref=ref,
        primary_key=primary_key,
        indexes=tuple(_index_of(name, index) for index in indexes),
        constraints=tuple(map(constraint_of, constraints)),
        sequences=tuple(map(sequence_of, sequences)),
        is_system=type_ == SYSTEM,
        is_public=access == PUBLIC,
        default_values=defaults,
        is_event=is_event,
    )


def _index_of(table: str, value: Any) -> RawIndexDef:
    source_name, accessor_name, algorithm = value
    if source_name is None:
        raise DecodeError(f"an index of the table `{table}` has no source name")
    kind, columns = algorithm_of(algorithm)
    return RawIndexDef(source_name=source_name, accessor_name=accessor_name, algorithm=kind, columns=columns)


def _reducer_value(raw: RawReducerDef) -> Any:
    return (
        raw.source_name,
        product_value(raw.params),
        _visibility_value(raw.is_private),
        type_to_value(raw.ok_type),
        type_to_value(raw.err_type),
    )


def _reducer_of(value: Any) -> RawReducerDef:
    name, params, visibility, ok_type, err_type = value
    return RawReducerDef(
        source_name=name,
        params=product_of(params),
        is_private=_is_private(visibility),
        ok_type=type_from_value(ok_type),
        err_type=type_from_value(err_type),
    )


def _procedure_value(raw: RawProcedureDef) -> Any:
    params, return_type = product_value(raw.params), type_to_value(raw.return_type)
    return (raw.source_name, params, return_type, _visibility_value(raw.is_private))


def _procedure_of(value: Any) -> RawProcedureDef:
    name, params, return_type, visibility = value
    return RawProcedureDef(
        source_name=name,
        params=product_of(params),
        return_type=type_from_value(return_type),
        is_private=_is_private(visibility),
    )


def _visibility_value(is_private: bool) -> Any:
    return (0 if is_private else 1, ())


def _is_private(value: Any) -> bool:
    return bool(value[0] == 0)


def _schedule_value(raw: RawScheduleDef) -> Any:
    return (raw.source_name, raw.table_name, raw.schedule_at_col, raw.function_name)


def _schedule_of(value: Any) -> RawScheduleDef:
    name, table, column, function = value
    return RawScheduleDef(source_name=name, table_name=table, schedule_at_col=column, function_name=function)


def _lifecycle_of(value: Any) -> RawLifecycleDef:
    (tag, _), function = value
    return RawLifecycleDef(lifecycle=Lifecycle(tag), function_name=function)


def _explicit_of(value: Any) -> ExplicitName:
    tag, (source, canonical) = value
    return ExplicitName(kind=NameKind(tag), source_name=source, canonical_name=canonical)


def _route_of(value: Any) -> RawHttpRouteDef:
    handler, method, path = value
    return RawHttpRouteDef(handler_function=handler, method=method_of(method), path=path)


def _each(read: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda values: tuple(map(read, values))


_WRITERS: tuple[tuple[int, bool, Callable[[RawModuleDef], Any]], ...] = (
    (0, True, lambda raw: typespace_value(raw.typespace)),
    (1, False, lambda raw: tuple(map(_type_value, raw.types))),
    (2, False, lambda raw: tuple(map(_table_value, raw.tables))),
    (3, False, lambda raw: tuple(map(_reducer_value, raw.reducers))),
    (4, False, lambda raw: tuple(map(_procedure_value, raw.procedures))),
    (11, False, lambda raw: tuple((name,) for name in raw.http_handlers)),
    (12, False, lambda raw: tuple((r.handler_function, method_value(r.method), r.path) for r in raw.http_routes)),
    (5, False, lambda raw: tuple(map(view_value, raw.views))),
    (13, False, lambda raw: tuple((key.view_source_name, key.columns) for key in raw.view_primary_keys)),
    (6, False, lambda raw: tuple(map(_schedule_value, raw.schedules))),
    (7, False, lambda raw: tuple(((e.lifecycle.value, ()), e.function_name) for e in raw.lifecycle_reducers)),
    (8, False, lambda raw: tuple((sql,) for sql in raw.row_level_security)),
    (
        10,
        True,
        lambda raw: (tuple((e.kind.value, (e.source_name, e.canonical_name)) for e in raw.explicit_names),),
    ),
    (14, False, lambda raw: tuple((sub.namespace, v10_value(sub.module)) for sub in raw.submodules)),
)
"""(section tag, whether it is written even when empty, how its payload is made), in the order of writing."""

_READERS: dict[int, tuple[str, Callable[[Any], Any]]] = {
    0: ("typespace", typespace_of),
    1: ("types", _each(_type_of)),
    2: ("tables", _each(_table_of)),
    3: ("reducers", _each(_reducer_of)),
    4: ("procedures", _each(_procedure_of)),
    5: ("views", _each(view_of)),
    6: ("schedules", _each(_schedule_of)),
    7: ("lifecycle_reducers", _each(_lifecycle_of)),
    8: ("row_level_security", _each(lambda value: value[0])),
    9: ("snake_case", lambda value: value[0] == 1),
    10: ("explicit_names", lambda value: tuple(map(_explicit_of, value[0]))),
    11: ("http_handlers", _each(lambda value: value[0])),
    12: ("http_routes", _each(_route_of)),
    13: (
        "view_primary_keys",
        _each(lambda value: RawViewPrimaryKey(view_source_name=value[0], columns=value[1])),
    ),
    14: (
        "submodules",
        _each(lambda value: RawSubmodule(namespace=value[0], module=raw_of_v10(value[1]))),
    ),
}
"""Section tag -> (field of RawModuleDef, how its payload is read)."""

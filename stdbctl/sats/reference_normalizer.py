"""Normalizing by walking the type: what does not fit is left for the encoder to refuse.

Compiled codecs come here when their fast code met something unexpected.
"""

import struct
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats.graph import MAX_DEPTH, Kind, TypeGraph, kind_of
from stdbctl.sats.types import (
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    SumType,
    option_inner,
)
from stdbctl.sats.values import Some

_FLOATS = (Primitive.F32, Primitive.F64)


class TooDeep(Exception):
    """A value goes deeper than MAX_DEPTH, or round."""


def normalize(graph: TypeGraph, type_: AlgebraicType, value: Any, depth: int = 0) -> Any:
    """The engine form of `value`; whatever does not fit stays as it is, for the encoder to refuse it.

    Raises:
        TooDeep: lists inside lists without end.
    """
    if isinstance(type_, Ref) and graph.is_recursive(type_):
        depth += 1
        if depth > MAX_DEPTH:
            raise TooDeep
    type_ = graph.resolve(type_)
    match kind_of(type_):
        case Kind.SCALAR if type_ in _FLOATS:
            return _normal_float(type_, value)
        case Kind.BYTES:
            return bytes(value) if isinstance(value, bytearray | memoryview) else value
        case Kind.ARRAY if isinstance(value, tuple | list):
            assert isinstance(type_, ArrayType)
            return tuple([normalize(graph, type_.element, item, depth) for item in value])
        case Kind.PRODUCT if type(value) is tuple:
            assert isinstance(type_, ProductType)
            return _normal_product(graph, type_, value, depth)
        case Kind.OPTION if value is not None:
            return _normal_option(graph, option_inner(type_), value, depth)
        case Kind.SUM if type(value) is tuple and len(value) == 2 and type(value[0]) is int:
            assert isinstance(type_, SumType)
            if 0 <= value[0] < len(type_.variants):
                return (value[0], normalize(graph, type_.variants[value[0]].type, value[1], depth))
    return value


def _normal_float(type_: AlgebraicType, value: Any) -> Any:
    if type(value) is not float and type(value) is not int:
        return value
    format_ = "<f" if type_ is Primitive.F32 else "<d"
    try:
        return struct.unpack(format_, struct.pack(format_, value))[0]
    except (OverflowError, struct.error):
        return value


def _normal_product(graph: TypeGraph, type_: ProductType, value: tuple[Any, ...], depth: int) -> Any:
    if len(value) != len(type_.elements):
        return value
    pairs = zip(type_.elements, value, strict=True)
    return tuple([normalize(graph, element.type, field, depth) for element, field in pairs])


def _normal_option(graph: TypeGraph, inner: AlgebraicType | None, value: Any, depth: int) -> Any:
    assert inner is not None
    if not graph.is_nested_option(inner):
        return normalize(graph, inner, value, depth)
    return Some(normalize(graph, inner, value.value, depth)) if type(value) is Some else value

"""SATS-JSON out, in the four flavours that SpacetimeDB's writers have.

| value | DECLARED | STORED | BARE | TYPED |
|---|---|---|---|---|
| product | object | object | list | object |
| unit | [] | {} | [] | {} |
| sum | {"variant": p} | [tag, p] | [tag, p] | {"variant": p} |
| array | list | list of BARE | list | list |

The same in all: integers up to 128 bits bare, 256 bits as "0x…", floats shortest, NaN and infinities null, bytes
as hex. The special types are written as the products and sums that they are.
"""

import enum
import math
import struct
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats.errors import JsonError, Path
from stdbctl.sats.graph import Kind, TypeGraph, kind_of
from stdbctl.sats.types import (
    SCHEDULE_AT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    SumType,
    Typespace,
    option_inner,
)
from stdbctl.sats.values import ConnectionId, Identity, ScheduleAt, Timestamp, Uuid

_F32_MIN_NORMAL = 2.0**-126


class JsonStyle(enum.Enum):
    """Who writes: see the table above."""

    DECLARED = "declared"
    """Structures of the protocol and of module definitions."""
    STORED = "stored"
    """A row read from a table."""
    BARE = "bare"
    """A value without its type: SQL rows, procedure results, rows of deltas."""
    TYPED = "typed"
    """A value with its type."""


def to_json(type_: AlgebraicType, typespace: Typespace, value: Any, style: JsonStyle) -> Any:
    """The JSON data (dict, list, str, int, float, bool, None) of an engine value that fits its type.

    Raises:
        JsonError: an object would need a field name that the type does not have.
    """
    return _Writer(TypeGraph(typespace)).value(type_, value, style, ())


def shortest_f32(number: float) -> float:
    """The float with the shortest digits among those that round to the same 32-bit float."""
    if not math.isfinite(number):
        return number
    for digits in range(6 if abs(number) >= _F32_MIN_NORMAL else 1, 10):
        short = float(f"{number:.{digits}g}")
        if _same_f32(short, number):
            return short
    return number


def _same_f32(short: float, number: float) -> bool:
    try:
        return struct.pack("<f", short) == struct.pack("<f", number)
    except OverflowError:
        return False


class _Writer:
    def __init__(self, graph: TypeGraph) -> None:
        self.graph = graph

    def value(self, type_: AlgebraicType, value: Any, style: JsonStyle, path: Path) -> Any:
        type_ = self.graph.resolve(type_)
        match kind_of(type_):
            case Kind.SCALAR:
                return _scalar(type_, value)
            case Kind.STRING:
                return value
            case Kind.BYTES:
                return value.hex()
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                inner = JsonStyle.BARE if style is JsonStyle.STORED else style
                return [self.value(type_.element, item, inner, (*path, i)) for i, item in enumerate(value)]
            case Kind.SPECIAL if type_ == SCHEDULE_AT:
                return self._sum(SCHEDULE_AT, _schedule_parts(value), style, path)
            case Kind.SPECIAL:
                assert isinstance(type_, ProductType)
                return self._special(type_, _inner(value), style)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                return self._product(type_, value, style, path)
        assert isinstance(type_, SumType)
        return self._sum(type_, self._sum_parts(type_, value), style, path)

    def _special(self, type_: ProductType, inner: int, style: JsonStyle) -> Any:
        (field,) = type_.elements
        data = _scalar(field.type, inner)
        return [data] if style is JsonStyle.BARE else {field.name: data}

    def _product(self, type_: ProductType, value: Any, style: JsonStyle, path: Path) -> Any:
        if style is JsonStyle.BARE or (style is JsonStyle.DECLARED and not type_.elements):
            pairs = enumerate(zip(type_.elements, value, strict=True))
            return [self.value(element.type, field, style, (*path, i)) for i, (element, field) in pairs]
        made = {}
        for element, field in zip(type_.elements, value, strict=True):
            if element.name is None:
                raise JsonError("a field without a name cannot be written into an object", path)
            made[element.name] = self.value(element.type, field, style, (*path, element.name))
        return made

    def _sum_parts(self, type_: SumType, value: Any) -> tuple[int, Any]:
        inner = option_inner(type_)
        if inner is None:
            tag, payload = value
            return tag, payload
        if value is None:
            return 1, ()
        return 0, value.value if self.graph.is_nested_option(inner) else value

    def _sum(self, type_: SumType, parts: tuple[int, Any], style: JsonStyle, path: Path) -> Any:
        tag, payload = parts
        variant = type_.variants[tag]
        step = tag if variant.name is None else variant.name
        data = self.value(variant.type, payload, style, (*path, step))
        by_tag = variant.name is None or style in (JsonStyle.STORED, JsonStyle.BARE)
        return [tag, data] if by_tag else {variant.name: data}


def _scalar(type_: AlgebraicType, value: Any) -> Any:
    if type_ is Primitive.U256 or type_ is Primitive.I256:
        return f"{'-' * (value < 0)}{abs(value):#x}"
    if type_ is Primitive.F32 or type_ is Primitive.F64:
        if not math.isfinite(value):
            return None
        return shortest_f32(value) if type_ is Primitive.F32 else float(value)
    return value


def _inner(value: Any) -> int:
    """The number inside a special product."""
    if isinstance(value, Identity | ConnectionId | Uuid):
        return value.to_int()
    micros: int = value.micros
    return micros


def _schedule_parts(value: ScheduleAt) -> tuple[int, Any]:
    return (1 if isinstance(value.value, Timestamp) else 0), value.value

"""Values of any type in a form that every language can compare, and values at every edge.

| type | form |
|---|---|
| integers | text in decimal |
| floats | the 16 hex digits of their 64 bits |
| bool, text | themselves |
| bytes | hex |
| array, product | list |
| option | null or [value] |
| any other sum | [tag, payload] |

The special types are the products and sums that they are. tests/node/bsatn/values.mjs has the same in JavaScript.
"""

import struct
from collections.abc import Iterator
from typing import Any  # Any: engine values, and JSON

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    Primitive,
    ProductType,
    ScheduleAt,
    Some,
    SumType,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    option_inner,
)

LONG = "long " * 200_000
"""A megabyte of text."""
TEXTS = (
    "",
    "a",
    "'\"\\\n\t",
    "nul \0 inside",
    "e\u0301 is not \u00e9",
    "שלום",
    "漢字",
    "👩‍👩‍👧‍👦 🎈",
    "\uffff\U0010ffff",
)
MICROS = (0, -1, 1_234_567, -(2**63), 2**63 - 1)
DEPTH_MAX = 2
"""Levels of composite types that are varied; what lies deeper is as plain as it can be."""


def described(type_: AlgebraicType, space: Typespace, value: Any, *, is_npm: bool = False) -> Any:
    """What an engine value says. `is_npm`: as the npm package holds it, where none and some(none) are one value."""
    type_ = space.resolve(type_)
    if isinstance(type_, Primitive):
        if type_ in (Primitive.F32, Primitive.F64):
            return struct.pack(">d", value).hex()
        return value if type_ in (Primitive.BOOL, Primitive.STRING) else str(value)
    inner = option_inner(type_)
    if inner is not None:
        if value is None:
            return None
        is_nested = option_inner(space.resolve(inner)) is not None
        held = described(inner, space, value.value if is_nested else value, is_npm=is_npm)
        return None if is_nested and is_npm and held is None else [held]
    if isinstance(value, Identity | ConnectionId | Uuid):
        return [str(value.to_int())]
    if isinstance(value, Timestamp | TimeDuration):
        return [str(value.micros)]
    if isinstance(value, ScheduleAt):
        return [int(isinstance(value.value, Timestamp)), [str(value.value.micros)]]
    if isinstance(type_, ArrayType):
        return value.hex() if type_ == BYTES else [described(type_.element, space, v, is_npm=is_npm) for v in value]
    if isinstance(type_, ProductType):
        pairs = zip(type_.elements, value, strict=True)
        return [described(element.type, space, field, is_npm=is_npm) for element, field in pairs]
    assert isinstance(type_, SumType)
    return [value[0], described(type_.variants[value[0]].type, space, value[1], is_npm=is_npm)]


def edges(type_: AlgebraicType, space: Typespace, depth: int = 0) -> tuple[Any, ...]:
    """Values at the edges of a type: the smallest, the largest, the empty, the odd."""
    type_ = space.resolve(type_)
    if isinstance(type_, Primitive):
        return _primitive_edges(type_)
    if type_ in _SPECIALS:
        return _SPECIALS[type_]
    if type_ == BYTES:
        return b"", b"\0", b"\xff" * 3, bytes(range(256))
    if depth == DEPTH_MAX:
        return (plainest(type_, space),)
    if isinstance(type_, ArrayType):
        items = edges(type_.element, space, depth + 1)
        return (), items, items[-1:] * 3
    if isinstance(type_, ProductType):
        return tuple(_product_edges(type_, space, depth))
    assert isinstance(type_, SumType)
    return tuple(_sum_edges(type_, space, depth))


def plainest(type_: AlgebraicType, space: Typespace) -> Any:
    """A value with as little in it as there can be."""
    type_ = space.resolve(type_)
    if isinstance(type_, Primitive) or type_ in _SPECIALS or type_ == BYTES:
        return edges(type_, space)[0]
    if isinstance(type_, ArrayType):
        return ()
    if isinstance(type_, ProductType):
        return tuple(plainest(element.type, space) for element in type_.elements)
    assert isinstance(type_, SumType)
    return None if option_inner(type_) is not None else (0, plainest(type_.variants[0].type, space))


def _primitive_edges(type_: Primitive) -> tuple[Any, ...]:
    if type_ is Primitive.BOOL:
        return True, False
    if type_ is Primitive.STRING:
        return TEXTS
    finite = {
        Primitive.F32: (0.1, 3.4028234663852886e38, 2.0**-149, -(2.0**-126)),
        Primitive.F64: (0.1, 1.7976931348623157e308, 5e-324, -2.2250738585072014e-308),
    }
    if type_ in finite:
        numbers = (0.0, -0.0, 1.0, float("nan"), float("inf"), float("-inf"), *finite[type_])
        return tuple(rounded(type_, number) for number in numbers)
    bits, is_signed = int(type_.name[1:]), type_.name[0] == "I"
    return (0, 1, -1, -(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, 1, 1 << bits - 1, (1 << bits) - 1)


def rounded(type_: Primitive, number: float) -> float:
    """A float at the width of its type."""
    held: float = struct.unpack("<f", struct.pack("<f", number))[0] if type_ is Primitive.F32 else number
    return held


_SPECIALS: dict[AlgebraicType, tuple[Any, ...]] = {
    IDENTITY: tuple(map(Identity.from_int, (0, 1, 2**255, 2**256 - 1))),
    CONNECTION_ID: tuple(map(ConnectionId.from_int, (0, 1, 2**127, 2**128 - 1))),
    UUID: tuple(map(Uuid.from_int, (0, 1, 2**127, 2**128 - 1))),
    TIMESTAMP: tuple(map(Timestamp, MICROS)),
    TIME_DURATION: tuple(map(TimeDuration, MICROS)),
    SCHEDULE_AT: (*(ScheduleAt(TimeDuration(m)) for m in MICROS), *(ScheduleAt(Timestamp(m)) for m in MICROS)),
    UNIT: ((),),
}


def _product_edges(type_: ProductType, space: Typespace, depth: int) -> Iterator[tuple[Any, ...]]:
    """Each field goes through its own edges, all at once, from the start again where one has fewer."""
    fields = [edges(element.type, space, depth + 1) for element in type_.elements]
    for i in range(max(map(len, fields), default=1)):
        yield tuple(values[i % len(values)] for values in fields)


def _sum_edges(type_: SumType, space: Typespace, depth: int) -> Iterator[Any]:
    inner = option_inner(type_)
    if inner is None:
        for tag, variant in enumerate(type_.variants):
            payloads = edges(variant.type, space, depth + 1)
            yield from ((tag, payload) for payload in (payloads if depth == 0 else payloads[:1]))
        return
    is_nested = option_inner(space.resolve(inner)) is not None
    yield None
    yield from (Some(value) if is_nested else value for value in edges(inner, space, depth + 1))

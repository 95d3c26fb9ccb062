"""Values as JSON data that reads back exactly. docs/data.md, "How values are written", is its description."""

import math
from collections.abc import Callable
from typing import Any  # Any: engine values of types known only at run time

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
    Primitive,
    ProductType,
    Ref,
    SumType,
    Typespace,
    option_inner,
    shortest_f32,
)
from stdbctl.transfer.special_text import duration_text, float_word, schedule_text, timestamp_text

Write = Callable[[Any], Any]
"""Engine value -> JSON data (dict, list, str, int, float, bool, None)."""

_WIDE = (Primitive.I128, Primitive.U128, Primitive.I256, Primitive.U256)


class ValueWriters:
    """The writers of one typespace, each made once."""

    def __init__(self, typespace: Typespace) -> None:
        self._typespace = typespace
        self._by_ref: dict[int, Write] = {}

    def of(self, type_: AlgebraicType) -> Write | None:
        """The writer of a type; None when the value is its own JSON."""
        special = _SPECIAL.get(type_) if not isinstance(type_, Ref) else None
        if special is not None:
            return special
        match type_:
            case Ref(index):
                return self._of_ref(index)
            case Primitive():
                return str if type_ in _WIDE else None
            case ArrayType(element):
                return self._array(element)
            case ProductType():
                return self._product(type_)
            case SumType():
                inner = option_inner(type_)
                return self._sum(type_) if inner is None else self._option(inner)

    def _of_ref(self, index: int) -> Write:
        known = self._by_ref.get(index)
        if known is not None:
            return known
        # A type that contains itself finds this first, and by it what is being made.
        made: list[Write | None] = []
        self._by_ref[index] = lambda value: made[0](value) if made[0] is not None else value
        made.append(self.of(self._typespace.types[index]))
        self._by_ref[index] = made[0] or _itself
        return self._by_ref[index]

    def _array(self, element: AlgebraicType) -> Write:
        write = self.of(element)
        return list if write is None else lambda value: [write(item) for item in value]

    def _product(self, type_: ProductType) -> Write:
        fields = [(element.name, self.of(element.type) or _itself) for element in type_.elements]
        if any(name is None for name, _ in fields):
            return lambda value: [write(item) for (_, write), item in zip(fields, value, strict=True)]
        return lambda value: {name: write(item) for (name, write), item in zip(fields, value, strict=True)}

    def _option(self, inner: AlgebraicType) -> Write:
        write = self.of(inner) or _itself
        if is_option(inner, self._typespace):
            return lambda value: None if value is None else {"some": write(value.value)}
        return lambda value: None if value is None else write(value)

    def _sum(self, type_: SumType) -> Write:
        cases = [
            (variant.name, None if is_unit(variant.type, self._typespace) else self.of(variant.type) or _itself)
            for variant in type_.variants
        ]

        def write(value: Any) -> Any:
            tag, payload = value
            name, write_payload = cases[tag]
            if name is None:
                return [tag, [] if write_payload is None else write_payload(payload)]
            return name if write_payload is None else {name: write_payload(payload)}

        return write


def is_option(type_: AlgebraicType, typespace: Typespace) -> bool:
    """Whether a value of the type may be nothing."""
    return option_inner(typespace.resolve(type_)) is not None


def is_unit(type_: AlgebraicType, typespace: Typespace) -> bool:
    """Whether a value of the type says nothing."""
    return typespace.resolve(type_) == UNIT


def _itself(value: Any) -> Any:
    return value


def _f32(value: float) -> float | str:
    return shortest_f32(value) if math.isfinite(value) else float_word(value, 4)


def _f64(value: float) -> float | str:
    return value if math.isfinite(value) else float_word(value, 8)


_SPECIAL: dict[AlgebraicType, Write] = {
    Primitive.F32: _f32,
    Primitive.F64: _f64,
    BYTES: bytes.hex,
    IDENTITY: str,
    CONNECTION_ID: str,
    UUID: str,
    TIMESTAMP: timestamp_text,
    TIME_DURATION: duration_text,
    SCHEDULE_AT: schedule_text,
}

"""A value in the form that plans show defaults in: Rust's pretty debug print of an AlgebraicValue."""

import json
from collections.abc import Iterable
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats import (
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
    compile_codec,
    option_inner,
)


def rust_debug(type_: AlgebraicType, typespace: Typespace, data: bytes) -> str:
    """Show the value that `data` (BSATN of `type_`) holds, over several lines: `U32(\\n    5,\\n)`."""
    return _Debug(typespace).value(type_, compile_codec(type_, typespace).decode(data)[0])


class _Debug:
    def __init__(self, typespace: Typespace) -> None:
        self._typespace = typespace

    def value(self, type_: AlgebraicType, value: Any) -> str:
        type_ = self._typespace.resolve(type_)
        match type_:
            case Primitive():
                return _call(type_.text, [self._primitive(type_, value)])
            case ArrayType():
                return _call("Array", [_block("[", (self._bare(type_.element, item) for item in value), "]")])
            case ProductType():
                return _call("Product", [self._product(type_, value)])
            case _:
                assert isinstance(type_, SumType), f"a ref was not followed: {type_}"
                return _call("Sum", [self._sum(type_, value)])

    def _bare(self, type_: AlgebraicType, value: Any) -> str:
        """An element of a list, which has no constructor around it."""
        type_ = self._typespace.resolve(type_)
        match type_:
            case Primitive():
                return self._primitive(type_, value)
            case ArrayType():
                return _block("[", (self._bare(type_.element, item) for item in value), "]")
            case ProductType():
                return self._product(type_, value)
            case _:
                assert isinstance(type_, SumType), f"a ref was not followed: {type_}"
                return self._sum(type_, value)

    def _primitive(self, type_: Primitive, value: Any) -> str:
        if type_ is Primitive.BOOL:
            return "true" if value else "false"
        if type_ is Primitive.STRING:
            return json.dumps(value, ensure_ascii=False)
        if type_ in (Primitive.I128, Primitive.U128):
            return _call("Packed", [str(value)])
        return str(value)

    def _product(self, type_: ProductType, value: Any) -> str:
        values = _fields(value)
        elements = (self.value(element.type, item) for element, item in zip(type_.elements, values, strict=True))
        return _block("ProductValue {", [f"elements: {_block('[', elements, ']')}"], "}")

    def _sum(self, type_: SumType, value: Any) -> str:
        tag, payload = _variant(type_, value)
        return _block("SumValue {", [f"tag: {tag}", f"value: {self.value(type_.variants[tag].type, payload)}"], "}")


def _fields(value: Any) -> tuple[Any, ...]:
    """The fields of a product value; the special ones have one number."""
    match value:
        case Identity() | ConnectionId() | Uuid():
            return (value.to_int(),)
        case Timestamp() | TimeDuration():
            return (value.micros,)
    fields: tuple[Any, ...] = value
    return fields


def _variant(type_: SumType, value: Any) -> tuple[int, Any]:
    """The tag and payload of a sum value; options and ScheduleAt have their own form."""
    if isinstance(value, ScheduleAt):
        return int(isinstance(value.value, Timestamp)), value.value
    inner = option_inner(type_)
    if inner is not None:
        if value is None:
            return 1, ()
        return 0, value.value if isinstance(value, Some) and option_inner(inner) is not None else value
    tag, payload = value
    return tag, payload


def _call(name: str, parts: Iterable[str]) -> str:
    return _block(f"{name}(", parts, ")")


def _block(opening: str, parts: Iterable[str], closing: str) -> str:
    """Parts each on lines of their own, indented, each followed by a comma; on one line when there are none."""
    lines = [f"    {line}" for part in parts for line in f"{part},".split("\n")]
    return "\n".join([opening, *lines, closing]) if lines else opening + closing

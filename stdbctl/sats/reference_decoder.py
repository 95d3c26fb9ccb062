"""Decoding by walking the type: slow, exact about what is wrong.

Compiled codecs come here when their fast code met something unexpected.
"""

import struct
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats.errors import DecodeError
from stdbctl.sats.graph import MAX_DEPTH, MAX_EMPTY_ELEMENTS, SPECIAL_WIDTHS, WIDTHS, Kind, TypeGraph, kind_of
from stdbctl.sats.text import type_text
from stdbctl.sats.types import (
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    SumType,
    option_inner,
    special_name,
)
from stdbctl.sats.values import ConnectionId, Identity, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

_FLOATS = (Primitive.F32, Primitive.F64)
_HEX_CLASSES: dict[str | None, type[Identity | ConnectionId]] = {"Identity": Identity, "ConnectionId": ConnectionId}
_TIME_CLASSES: dict[str | None, type[Timestamp | TimeDuration]] = {
    "Timestamp": Timestamp,
    "TimeDuration": TimeDuration,
}


class ReferenceDecoder:
    """Reads values one by one from `data`; `offset` moves."""

    def __init__(self, graph: TypeGraph, data: bytes, offset: int = 0) -> None:
        self.graph, self.data, self.offset = graph, data, offset

    def value(self, type_: AlgebraicType, depth: int = 0) -> Any:
        """Read one value. Raises DecodeError."""
        if isinstance(type_, Ref) and self.graph.is_recursive(type_):
            depth += 1
            if depth > MAX_DEPTH:
                raise DecodeError(f"values nested deeper than {MAX_DEPTH} levels")
        type_ = self.graph.resolve(type_)
        match kind_of(type_):
            case Kind.SCALAR:
                assert isinstance(type_, Primitive)
                return self._scalar(type_)
            case Kind.STRING:
                return self._string()
            case Kind.BYTES:
                return self.take(self._count(), "[u8]")
            case Kind.SPECIAL:
                return self._special(type_)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                return tuple([self.value(element.type, depth) for element in type_.elements])
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                return self._array(type_.element, depth)
        assert isinstance(type_, SumType)
        return self._sum(type_, depth)

    def take(self, size: int, name: str) -> bytes:
        """The next `size` bytes, called `name` when there are fewer."""
        given = len(self.data) - self.offset
        if given < size:
            raise DecodeError(f"data too short for {name}: Expected {size}, given {max(given, 0)}")
        self.offset += size
        return self.data[self.offset - size : self.offset]

    def _scalar(self, type_: Primitive) -> Any:
        if type_ is Primitive.BOOL:
            byte = self.take(1, "u8")[0]
            if byte > 1:
                raise DecodeError(f"byte {byte} not valid as `bool` (must be 0 or 1)")
            return byte == 1
        data = self.take(WIDTHS[type_], _wire_name(type_))
        if type_ in _FLOATS:
            return struct.unpack("<f" if type_ is Primitive.F32 else "<d", data)[0]
        return int.from_bytes(data, "little", signed=type_.name.startswith("I"))

    def _special(self, type_: AlgebraicType) -> Any:
        name = special_name(type_)
        if name == "ScheduleAt":
            return ScheduleAt((Timestamp if self._tag(2, type_text(type_)) else TimeDuration)(self._micros()))
        if name in _TIME_CLASSES:
            return _TIME_CLASSES[name](self._micros())
        data = self.take(SPECIAL_WIDTHS[name], "u256" if name == "Identity" else "u128")
        return _HEX_CLASSES[name](data) if name in _HEX_CLASSES else Uuid.from_int(int.from_bytes(data, "little"))

    def _micros(self) -> int:
        return int.from_bytes(self.take(8, "i64"), "little", signed=True)

    def _count(self) -> int:
        return int.from_bytes(self.take(4, "u32"), "little")

    def _string(self) -> str:
        try:
            return self.take(self._count(), "[u8]").decode()
        except UnicodeDecodeError:
            raise DecodeError("invalid utf8") from None

    def _array(self, element: AlgebraicType, depth: int) -> Any:
        count = self._count()
        size = self.graph.fixed_size(element)
        if size == 0 and count > MAX_EMPTY_ELEMENTS:
            raise DecodeError(f"{count} elements that take no bytes: at most {MAX_EMPTY_ELEMENTS} are taken")
        return tuple([self.value(element, depth) for _ in range(count)])

    def _tag(self, variants: int, name: str) -> int:
        tag = self.take(1, "u8")[0]
        if tag >= variants:
            raise DecodeError(f"unknown tag {tag:#x} for sum type {name}")
        return tag

    def _sum(self, type_: SumType, depth: int) -> Any:
        tag = self._tag(len(type_.variants), type_text(type_))
        payload = self.value(type_.variants[tag].type, depth)
        inner = option_inner(type_)
        if inner is None:
            return (tag, payload)
        if tag == 1:
            return None
        return Some(payload) if self.graph.is_nested_option(inner) else payload


def _wire_name(type_: Primitive) -> str:
    """The name in SpacetimeDB's decode errors: floats are read as unsigned numbers."""
    return {Primitive.F32: "u32", Primitive.F64: "u64"}.get(type_, type_.name.lower())

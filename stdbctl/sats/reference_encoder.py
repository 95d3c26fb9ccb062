"""Encoding by walking the type: slow, exact about what is wrong and where.

Compiled codecs come here when their fast code met something unexpected.
"""

import struct
import uuid as std_uuid
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats.errors import EncodeError, Path
from stdbctl.sats.graph import MAX_DEPTH, MAX_EMPTY_ELEMENTS, WIDTHS, Kind, TypeGraph, kind_of
from stdbctl.sats.leaves import NAMES as LEAF_NAMES
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
GIVEN_MAX = 80
"""Characters of a value shown in an error."""


class ReferenceEncoder:
    """Appends the bytes of values to `out`."""

    def __init__(self, graph: TypeGraph) -> None:
        self.graph, self.out = graph, bytearray()

    def value(self, type_: AlgebraicType, value: Any, path: Path = (), depth: int = 0) -> None:
        """Append one value. Raises EncodeError."""
        if isinstance(type_, Ref) and self.graph.is_recursive(type_):
            depth += 1
            if depth > MAX_DEPTH:
                raise EncodeError(path=path, expected=f"at most {MAX_DEPTH} nested levels", given="more")
        type_ = self.graph.resolve(type_)
        match kind_of(type_):
            case Kind.SCALAR:
                assert isinstance(type_, Primitive)
                self._scalar(type_, value, path)
            case Kind.STRING | Kind.BYTES:
                self._sized(type_, value, path)
            case Kind.SPECIAL:
                self._special(type_, value, path)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                self._product(type_, value, path, depth)
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                self._array(type_.element, value, path, depth)
            case _:
                assert isinstance(type_, SumType)
                self._sum(type_, value, path, depth)

    def _scalar(self, type_: Primitive, value: Any, path: Path) -> None:
        if type_ in _FLOATS:
            self._float(type_, value, path)
        elif type_ is Primitive.BOOL:
            if type(value) is not bool:
                raise _misfit(path, "Bool", value)
            self.out.append(value)
        else:
            self._int(type_, value, path)

    def _int(self, type_: Primitive, value: Any, path: Path) -> None:
        lowest, highest = int_range(type_)
        if type(value) is not int or not lowest <= value <= highest:
            raise _misfit(path, f"{type_.text} (an int from {lowest} to {highest})", value)
        self.out += value.to_bytes(WIDTHS[type_], "little", signed=lowest < 0)

    def _float(self, type_: Primitive, value: Any, path: Path) -> None:
        if type(value) is not float and type(value) is not int:
            raise _misfit(path, f"{type_.text} (a float)", value)
        try:
            self.out += struct.pack("<f" if type_ is Primitive.F32 else "<d", value)
        except (OverflowError, struct.error):
            raise _misfit(path, f"{type_.text} (a float within its range)", value) from None

    def _sized(self, type_: AlgebraicType, value: Any, path: Path) -> None:
        if type_ is Primitive.STRING:
            data = _utf8(value, path)
        elif type(value) is bytes:
            data = value
        else:
            raise _misfit(path, "Array<U8> (bytes)", value)
        self._count(len(data), path)
        self.out += data

    def _count(self, count: int, path: Path) -> None:
        if count > 0xFFFF_FFFF:
            raise EncodeError(path=path, expected="at most 4294967295 elements", given=str(count))
        self.out += count.to_bytes(4, "little")

    def _special(self, type_: AlgebraicType, value: Any, path: Path) -> None:
        name = special_name(type_)
        if type(value).__name__ != name or type(value) is not LEAF_NAMES[name]:
            raise _misfit(path, f"{name} (stdbctl's {name})", value)
        if isinstance(value, Identity | ConnectionId):
            self.out += value.data
        elif isinstance(value, Uuid):
            if not isinstance(value.value, std_uuid.UUID):
                raise _misfit(path, "Uuid of a uuid.UUID", value)
            self.out += value.value.bytes[::-1]
        else:
            self._time(value, path)

    def _time(self, value: Timestamp | TimeDuration | ScheduleAt, path: Path) -> None:
        if isinstance(value, ScheduleAt):
            if not isinstance(value.value, Timestamp | TimeDuration):
                raise _misfit(path, "ScheduleAt of a Timestamp or a TimeDuration", value)
            self.out.append(isinstance(value.value, Timestamp))
            value = value.value
        self._int(Primitive.I64, value.micros, path)

    def _product(self, type_: ProductType, value: Any, path: Path, depth: int) -> None:
        count = len(type_.elements)
        if type(value) is not tuple:
            raise _misfit(path, f"{type_text(type_)} (a tuple of {count})", value)
        if len(value) != count:
            raise EncodeError(
                path=path, expected=f"{type_text(type_)} (a tuple of {count})", given=f"{len(value)} values"
            )
        for position, (element, field) in enumerate(zip(type_.elements, value, strict=True)):
            step = position if element.name is None else element.name
            self.value(element.type, field, (*path, step), depth)

    def _array(self, element: AlgebraicType, value: Any, path: Path, depth: int) -> None:
        if type(value) is not tuple:
            raise _misfit(path, f"Array<{type_text(element)}> (a tuple)", value)
        if self.graph.fixed_size(element) == 0 and len(value) > MAX_EMPTY_ELEMENTS:
            raise EncodeError(
                path=path, expected=f"at most {MAX_EMPTY_ELEMENTS} elements that take no bytes", given=str(len(value))
            )
        self._count(len(value), path)
        for position, item in enumerate(value):
            self.value(element, item, (*path, position), depth)

    def _sum(self, type_: SumType, value: Any, path: Path, depth: int) -> None:
        inner = option_inner(type_)
        if inner is not None:
            self._option(inner, value, path, depth)
            return
        if type(value) is not tuple or len(value) != 2 or type(value[0]) is not int:
            raise _misfit(path, f"{type_text(type_)} (a tuple of tag and payload)", value)
        tag, payload = value
        if not 0 <= tag < len(type_.variants):
            raise _misfit(path, f"{type_text(type_)} (a tag below {len(type_.variants)})", value)
        self.out.append(tag)
        name = type_.variants[tag].name
        self.value(type_.variants[tag].type, payload, (*path, tag if name is None else name), depth)

    def _option(self, inner: AlgebraicType, value: Any, path: Path, depth: int) -> None:
        if value is None:
            self.out.append(1)
            return
        if self.graph.is_nested_option(inner):
            if type(value) is not Some:
                raise _misfit(path, "None or Some(value), for an option of an option", value)
            value = value.value
        self.out.append(0)
        self.value(inner, value, path, depth)


def int_range(type_: Primitive) -> tuple[int, int]:
    """The lowest and the highest number of an integer type."""
    bits = WIDTHS[type_] * 8
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if type_.name.startswith("I") else (0, (1 << bits) - 1)


def _utf8(value: Any, path: Path) -> bytes:
    if type(value) is not str:
        raise _misfit(path, "String (a str)", value)
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        given = f"{value[error.start]!r} at position {error.start}"
        raise EncodeError(path=path, expected="String (text without lone surrogates)", given=given) from None


def _misfit(path: Path, expected: str, value: Any) -> EncodeError:
    return EncodeError(path=path, expected=expected, given=f"{_shown(value)} ({type(value).__name__})")


def _shown(value: Any) -> str:
    """The start of a value's repr. Values come from authors: their repr may raise, and so does that of a huge int."""
    try:
        shown = repr(value)
    except Exception:
        return "something that cannot be shown"
    return shown if len(shown) <= GIVEN_MAX else shown[: GIVEN_MAX - 1] + "…"

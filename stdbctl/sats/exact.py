"""From author to engine by walking the shape: slow, and exact about what does not fit and where.

Compiled converters and codecs come here when they met something unexpected. What is taken here and not there are values
of subclasses: an IntEnum where a number is wanted, a StrEnum where a text is, numpy's float64. They become plain.
"""

import struct
import uuid as std_uuid
from collections.abc import Mapping
from typing import Any  # Any: values of types known only at run time

from stdbctl.sats.errors import Path
from stdbctl.sats.expected import Mismatch, expected_text, given_text, int_bounds
from stdbctl.sats.graph import MAX_DEPTH, TypeGraph
from stdbctl.sats.lookalikes import adapter, is_nested_option
from stdbctl.sats.shapes import (
    FLOATS,
    Definition,
    EnumShape,
    ListShape,
    Named,
    OptionShape,
    RecordShape,
    ResultShape,
    Scalar,
    Shape,
    UnionShape,
    Unit,
)
from stdbctl.sats.types import BYTES, Primitive, Typespace, special_name
from stdbctl.sats.values import ConnectionId, Err, Identity, Ok, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

_SPECIALS: dict[str | None, type[Any]] = {
    cls.__name__: cls for cls in (Identity, ConnectionId, Timestamp, TimeDuration, ScheduleAt, Uuid)
}
_MICROS = Scalar(Primitive.I64, "i64")


class Exact:
    """Converts the values of one module. Every method raises Mismatch for what does not fit."""

    def __init__(self, definitions: Mapping[int, Definition], typespace: Typespace) -> None:
        self.definitions = definitions
        self._graph = TypeGraph(typespace)

    def checked(self, shape: Shape, value: object) -> Any:
        """The engine form of a value, with every part of it looked at."""
        try:
            return self.value(shape, value, ())
        except RecursionError:
            raise self.too_deep() from None

    def checked_row(self, record: RecordShape, row: object) -> Any:
        """The same for a row; the first step of an error's path is the field."""
        try:
            return self._record(record, row, ())
        except RecursionError:
            raise self.too_deep() from None

    @staticmethod
    def too_deep() -> Mismatch:
        return Mismatch(
            (), f"a value of at most {MAX_DEPTH} nested levels", "one that goes deeper, or round in circles"
        )

    def value(self, shape: Shape, value: Any, path: Path) -> Any:
        match shape:
            case Scalar():
                return self._scalar(shape, value, path)
            case Unit():
                if value is not None:
                    raise self._misfit(shape, value, path)
                return ()
            case ListShape(element):
                return self._list(shape, element, value, path)
            case OptionShape():
                return self._option(shape, value, path)
            case ResultShape(ok, err):
                if not isinstance(value, Ok | Err):
                    raise self._misfit(shape, value, path)
                tag = int(isinstance(value, Err))
                return tag, self.value(err if tag else ok, value.value, (*path, "value"))
            case Named():
                return self._named(shape, value, path)

    def _misfit(self, shape: Shape, value: object, path: Path) -> Mismatch:
        return Mismatch(path, expected_text(shape, self.definitions), given_text(value))

    def _list(self, shape: Shape, element: Shape, value: Any, path: Path) -> Any:
        if not isinstance(value, list | tuple):
            raise self._misfit(shape, value, path)
        made = []
        for position, item in enumerate(value):
            made.append(self.value(element, item, (*path, position)))
        return tuple(made)

    def _option(self, shape: OptionShape, value: Any, path: Path) -> Any:
        if value is None:
            return None
        if shape.is_boxed and not isinstance(value, Some):
            raise self._misfit(shape, value, path)
        inside, steps = (value.value, (*path, "value")) if shape.is_boxed else (value, path)
        held = self.value(shape.inner, inside, steps)
        return Some(held) if is_nested_option(shape.inner.type, self._graph) else held

    def _named(self, shape: Named, value: Any, path: Path) -> Any:
        definition = self.definitions[shape.ref.index]
        match definition:
            case RecordShape():
                made = self._record(definition, value, path)
            case EnumShape(cls):
                tag = next((tag for tag, member in enumerate(cls) if member is value), None)
                if tag is None:
                    raise self._misfit(shape, value, path)
                made = tag, ()
            case UnionShape():
                made = self._union(shape, definition, value, path)
        adapt = adapter(shape.ref, self._graph)
        return made if adapt is None else adapt.into(made)

    def _record(self, record: RecordShape, value: Any, path: Path) -> Any:
        if not isinstance(value, record.cls):
            raise Mismatch(path, record.cls.__name__, given_text(value))
        made = []
        for name, shape in record.fields:
            if not hasattr(value, name):
                raise Mismatch((*path, name), expected_text(shape, self.definitions), "nothing")
            made.append(self.value(shape, getattr(value, name), (*path, name)))
        return tuple(made)

    def _union(self, shape: Named, union: UnionShape, value: Any, path: Path) -> Any:
        classes = [cls for cls, _ in union.variants]
        near = next((cls for cls in type(value).__mro__ if cls in classes), None)
        if near is None:
            raise self._misfit(shape, value, path)
        tag = classes.index(near)
        payload = union.variants[tag][1]
        if is_own_payload(near, payload, self.definitions):
            return tag, self.value(payload, value, path)
        return tag, self.value(payload, value.value, (*path, "value"))

    def _scalar(self, shape: Scalar, value: Any, path: Path) -> Any:
        type_ = shape.type
        bounds = int_bounds(type_)
        if bounds is not None:
            if not isinstance(value, int) or isinstance(value, bool) or not bounds[0] <= value <= bounds[1]:
                raise self._misfit(shape, value, path)
            return int.__index__(value)
        if type_ in FLOATS:
            return self._float(shape, value, path)
        if type_ is Primitive.BOOL:
            if type(value) is not bool:
                raise self._misfit(shape, value, path)
            return value
        return self._text(shape, value, path) if type_ is Primitive.STRING else self._object(shape, value, path)

    def _float(self, shape: Scalar, value: Any, path: Path) -> float:
        if not isinstance(value, float | int) or isinstance(value, bool):
            raise Mismatch(path, f"{shape.text} (a float)", given_text(value))
        format_ = "<f" if shape.type is Primitive.F32 else "<d"
        try:
            held: float = struct.unpack(format_, struct.pack(format_, value))[0]
        except (OverflowError, struct.error):
            largest = "3.4028235e+38" if shape.type is Primitive.F32 else "1.7976931348623157e+308"
            raise Mismatch(path, f"{shape.text} (up to {largest}, or infinite)", given_text(value)) from None
        return held

    def _text(self, shape: Scalar, value: Any, path: Path) -> str:
        if not isinstance(value, str):
            raise self._misfit(shape, value, path)
        try:
            value.encode()
        except UnicodeEncodeError as error:
            given = f"the lone surrogate {value[error.start]!r} at position {error.start}"
            raise Mismatch(path, f"{shape.text} (valid Unicode)", given) from None
        return str.__str__(value)

    def _object(self, shape: Scalar, value: Any, path: Path) -> Any:
        if shape.type == BYTES:
            if not isinstance(value, bytes | bytearray | memoryview):
                raise self._misfit(shape, value, path)
            return b"".join([value])
        if type(value) is not _SPECIALS[special_name(shape.type)]:
            raise self._misfit(shape, value, path)
        inner = value.value if isinstance(value, ScheduleAt) else value
        if isinstance(value, ScheduleAt) and type(inner) not in (Timestamp, TimeDuration):
            raise Mismatch((*path, "value"), "Timestamp or TimeDuration", given_text(inner))
        if isinstance(inner, Timestamp | TimeDuration):
            steps = ("value", "micros") if inner is not value else ("micros",)
            self._scalar(_MICROS, inner.micros, (*path, *steps))
        elif isinstance(value, Uuid) and type(value.value) is not std_uuid.UUID:
            raise Mismatch((*path, "value"), "uuid.UUID", given_text(value.value))
        return value


def is_own_payload(cls: type[Any], payload: Shape, definitions: Mapping[int, Definition]) -> bool:
    """Whether the payload of a variant is the class itself: a dataclass that stands in the union directly."""
    if not isinstance(payload, Named):
        return False
    definition = definitions[payload.ref.index]
    return isinstance(definition, RecordShape) and definition.cls is cls

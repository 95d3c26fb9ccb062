"""The types that become fields of one `struct` format: how each is unpacked, checked and packed in generated code.

A run of leaves is one pack or unpack. The code fragments refer to the names in `NAMES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct, pack, unpack, unpack_from
from typing import Any, Generic, TypeVar

from stdbctl.sats.types import AlgebraicType, Primitive, special_name
from stdbctl.sats.values import ConnectionId, Identity, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

V = TypeVar("V")

INTERNED_MAX = 65_536
"""Identities and the like kept for reuse per kind, about 10 MB at most; past it the table starts anew."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One struct-packable type.

    `format`: the struct characters, one for each variable.
    `read`: expression over the unpacked variables `{0}`, `{1}`; `{0}` alone means that nothing is to be done.
    `misfit`: condition over `{v}` that tells a value of a wrong Python type.
    `write`: one expression over `{v}` for each struct character.
    """

    format: str
    read: str
    misfit: str
    write: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether struct takes and gives the very values."""
        return self.read == "{0}" and self.write == ("{v}",)


class Interned(dict[bytes, V], Generic[V]):
    """Bytes -> the immutable value made from them, made once: rows of one user share one Identity."""

    def __init__(self, make: Callable[[bytes], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, data: bytes) -> V:
        if len(self) >= INTERNED_MAX:
            self.clear()
        value = self[data] = self._make(data)
        return value


def _uuid(data: bytes) -> Uuid:
    return Uuid.from_int(int.from_bytes(data, "little"))


def _every(micros: int) -> ScheduleAt:
    return ScheduleAt(TimeDuration(micros))


def _at(micros: int) -> ScheduleAt:
    return ScheduleAt(Timestamp(micros))


class Misfit(Exception):
    """Raised by generated code; the reference codec then finds the words."""


def _bytes_from(value: object) -> bytes:
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    raise Misfit


def _float_from(value: object) -> float:
    if type(value) is int:
        return float(value)
    raise Misfit


NAMES: dict[str, Any] = {  # Any: the global names of generated code
    "BOOL": (False, True),
    "IDENTITY": Interned(Identity),
    "CONNECTION_ID": Interned(ConnectionId),
    "UUID": Interned(_uuid),
    "SCHEDULE": (_every, _at),
    "SCHEDULE_TAG": {TimeDuration: 0, Timestamp: 1},
    "Identity": Identity,
    "ConnectionId": ConnectionId,
    "Uuid": Uuid,
    "Timestamp": Timestamp,
    "TimeDuration": TimeDuration,
    "ScheduleAt": ScheduleAt,
    "int_from": int.from_bytes,
    "Misfit": Misfit,
    "Some": Some,
    "Struct": Struct,
    "pack": pack,
    "unpack": unpack,
    "unpack_from": unpack_from,
    "bytes_from": _bytes_from,
    "float_from": _float_from,
    "INTS": frozenset({int}),
    "FLOATS": frozenset({int, float}),
}

_NOT_INT = "type({v}) is not int"
_NOT_FLOAT = "type({v}) is not float and type({v}) is not int"


def _wide(width: int, signed: bool) -> Leaf:
    read = "int_from({0}, 'little', signed=True)" if signed else "int_from({0}, 'little')"
    write = f"{{v}}.to_bytes({width}, 'little', signed={signed})"
    return Leaf(f"{width}s", read, _NOT_INT, (write,))


_PRIMITIVES: dict[AlgebraicType, Leaf] = {
    Primitive.BOOL: Leaf("B", "BOOL[{0}]", "type({v}) is not bool", ("{v}",)),
    Primitive.I8: Leaf("b", "{0}", _NOT_INT, ("{v}",)),
    Primitive.U8: Leaf("B", "{0}", _NOT_INT, ("{v}",)),
    Primitive.I16: Leaf("h", "{0}", _NOT_INT, ("{v}",)),
    Primitive.U16: Leaf("H", "{0}", _NOT_INT, ("{v}",)),
    Primitive.I32: Leaf("i", "{0}", _NOT_INT, ("{v}",)),
    Primitive.U32: Leaf("I", "{0}", _NOT_INT, ("{v}",)),
    Primitive.I64: Leaf("q", "{0}", _NOT_INT, ("{v}",)),
    Primitive.U64: Leaf("Q", "{0}", _NOT_INT, ("{v}",)),
    Primitive.F32: Leaf("f", "{0}", _NOT_FLOAT, ("{v}",)),
    Primitive.F64: Leaf("d", "{0}", _NOT_FLOAT, ("{v}",)),
    Primitive.I128: _wide(16, signed=True),
    Primitive.U128: _wide(16, signed=False),
    Primitive.I256: _wide(32, signed=True),
    Primitive.U256: _wide(32, signed=False),
}

_SPECIALS: dict[str | None, Leaf] = {
    "Identity": Leaf("32s", "IDENTITY[{0}]", "type({v}) is not Identity", ("{v}.data",)),
    "ConnectionId": Leaf("16s", "CONNECTION_ID[{0}]", "type({v}) is not ConnectionId", ("{v}.data",)),
    "Uuid": Leaf("16s", "UUID[{0}]", "type({v}) is not Uuid", ("{v}.value.bytes[::-1]",)),
    "Timestamp": Leaf("q", "Timestamp({0})", "type({v}) is not Timestamp", ("{v}.micros",)),
    "TimeDuration": Leaf("q", "TimeDuration({0})", "type({v}) is not TimeDuration", ("{v}.micros",)),
    "ScheduleAt": Leaf(
        "Bq",
        "SCHEDULE[{0}]({1})",
        "type({v}) is not ScheduleAt",
        ("SCHEDULE_TAG[type({v}.value)]", "{v}.value.micros"),
    ),
}


def leaf_of(type_: AlgebraicType) -> Leaf | None:
    """The leaf of a primitive of fixed width or of a special type, else None. Enums are made where they are met."""
    return _PRIMITIVES.get(type_) or _SPECIALS.get(special_name(type_))


def enum_leaf(name: str, names: dict[str, Any], variant_count: int) -> Leaf:
    """The leaf of a sum without payloads; puts its two tables into `names`. Any: see NAMES."""
    values = tuple((tag, ()) for tag in range(variant_count))
    names[name] = values
    names[f"{name}_TAG"] = {value: tag for tag, value in enumerate(values)}
    return Leaf("B", f"{name}[{{0}}]", "type({v}) is not tuple or type({v}[0]) is not int", (f"{name}_TAG[{{v}}]",))

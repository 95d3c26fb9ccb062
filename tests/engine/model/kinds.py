"""Kinds of columns, the model's own way: values as plain Python, their order, their BSATN and their JSON, written out.

Nothing here uses the engine or its codecs: both are compared with it.

| kind | value | JSON |
|---|---|---|
| integers | int | number |
| floats | float | text of `float.hex` |
| str, bool | itself | itself |
| bytes | bytes | hexadecimal text |
| identity, timestamp, color | int (number, microseconds, place) | number |
| maybe | int or None | number or null |
| shape | (0, float), (1, str) or (2, None) | [tag, payload] |
"""

import math
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Value = Any  # one column's value; its form depends on the kind


@dataclass(frozen=True, slots=True)
class Kind:
    """`annotation`: the column's type in a module. `read`, `show`: how the module makes and shows its values.

    `sort`: a value's place among its like. `encode`: BSATN. `pick`: a random value, of few, so that they clash.
    """

    annotation: str
    read: str
    show: str
    pick: Callable[[random.Random], Value]
    sort: Callable[[Value], Any]
    encode: Callable[[Value], bytes]
    json: Callable[[Value], Any]
    default: Value = None
    default_source: str = ""


def _same(value: Value) -> Value:
    return value


def _of(*values: Value) -> Callable[[random.Random], Value]:
    return lambda rng: rng.choice(values)


def _integer(name: str, *values: int) -> Kind:
    bits, is_signed = int(name[1:]), name[0] == "i"
    return Kind(
        name,
        "int",
        "int",
        _of(*values),
        _same,
        lambda value: value.to_bytes(bits // 8, "little", signed=is_signed),
        _same,
        default=3,
        default_source="3",
    )


def _total(value: float) -> tuple[bool, float]:
    """NaN above all, both zeros equal."""
    return math.isnan(value), 0.0 if math.isnan(value) else value


def _float(name: str, form: str, *values: float) -> Kind:
    return Kind(
        name,
        "float.fromhex",
        "float.hex",
        _of(0.0, -0.0, 1.5, -1.5, math.inf, -math.inf, math.nan, *values),
        _total,
        lambda value: struct.pack(form, value),
        float.hex,
        default=-0.0,
        default_source="-0.0",
    )


def _counted(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


_TEXTS = ("", "a", "b", "ab", "é", "e\u0301", "\uffff", "😀", "z" * 40)
"""Order by code point and by UTF-16 differ for the last but one and the one before."""


def _text(value: str) -> bytes:
    return _counted(value.encode())


def _shape(value: tuple[int, Any]) -> bytes:
    tag, payload = value
    return bytes([tag]) + (struct.pack("<d", payload) if tag == 0 else _text(payload) if tag == 1 else b"")


def _shape_json(value: tuple[int, Any]) -> list[Any]:
    tag, payload = value
    return [tag, float.hex(payload) if tag == 0 else payload]


def _not_sorted(value: Value) -> Any:
    raise AssertionError("columns of this kind have no index")


KINDS: dict[str, Kind] = {
    "u8": _integer("u8", 0, 0, 1, 2, 3, 4, 254, 255),
    "i16": _integer("i16", -32768, -1, 0, 1, 32767),
    "u64": _integer("u64", 0, 1, 2, 1 << 63, (1 << 64) - 1),
    "i128": _integer("i128", -(1 << 127), -1, 0, 255, 256, (1 << 127) - 1),
    "u256": _integer("u256", 0, 255, 256, 1 << 128, (1 << 256) - 1),
    "f32": _float("f32", "<f", 2.0**-149),
    "f64": _float("f64", "<d", 5e-324),
    "bool": Kind(
        "bool",
        "bool",
        "bool",
        _of(False, True),
        _same,
        lambda v: bytes([v]),
        _same,
        default=True,
        default_source="True",
    ),
    "str": Kind("str", "str", "str", _of(*_TEXTS), str.encode, _text, _same, default="x", default_source='"x"'),
    "bytes": Kind(
        "bytes",
        "bytes.fromhex",
        "bytes.hex",
        _of(b"", b"\0", b"\xff\0", b"\xff"),
        _same,
        _counted,
        bytes.hex,
        default=b"\x07",
        default_source='b"\\x07"',
    ),
    "identity": Kind(
        "Identity",
        "Identity.from_int",
        "Identity.to_int",
        _of(1, 2, 1 << 200, (1 << 256) - 1),
        _same,
        lambda v: v.to_bytes(32, "little"),
        _same,
    ),
    "timestamp": Kind(
        "Timestamp",
        "Timestamp",
        "micros_of",
        _of(-5, 0, 7, 1 << 62),
        _same,
        lambda v: v.to_bytes(8, "little", signed=True),
        _same,
    ),
    "color": Kind("Color", "Color", "place_of", _of(0, 1, 2), _same, lambda v: bytes([v]), _same),
    "maybe": Kind(
        "u16 | None",
        "same",
        "same",
        _of(None, 0, 1, 65535),
        _not_sorted,
        lambda v: b"\1" if v is None else b"\0" + struct.pack("<H", v),
        _same,
        default=None,
        default_source="None",
    ),
    "shape": Kind(
        "Shape",
        "read_shape",
        "show_shape",
        _of((0, math.nan), (0, 1.0), (1, ""), (1, "😀"), (2, None)),
        _not_sorted,
        _shape,
        _shape_json,
    ),
}

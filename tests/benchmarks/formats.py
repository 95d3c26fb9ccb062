"""Rows per second to bytes and back, beside msgspec's msgpack and protobuf: `python -m tests.benchmarks.formats`.

The same 1,000 rows, as tuples of Python values, become one piece of bytes and tuples again: BSATN by `Codec.encode` of
each and `Codec.decode_many`; msgpack by msgspec as `list[tuple[…]]`, types checked at decoding; protobuf (upb) by a
message for each row, filled from the tuple and read back into one. Processor time, in turns. msgspec and upb are C;
BSATN is Python that is generated for the type.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any  # Any: rows of types known at run time only

import msgspec

from stdbctl.sats import (
    IDENTITY,
    TIMESTAMP,
    ArrayType,
    Identity,
    Primitive,
    ProductType,
    Timestamp,
    compile_codec,
    option,
    product,
)
from tests.benchmarks.figures import Figure, show
from tests.benchmarks.protobuf_messages import message_classes

P = Primitive
Row = tuple[Any, ...]
ROWS = 1_000
ROUNDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of rows for all three formats.

    `row`: the nth one. `foreign`: the same for formats without identities and timestamps. `hint`: its type for msgspec.
    `messages`: the fields of protobuf's messages.
    """

    type: ProductType
    row: Callable[[int], Row]
    hint: Any
    messages: dict[str, tuple[str, ...]]
    foreign: Callable[[Row], Row] = tuple


@dataclass(frozen=True, slots=True)
class Format:
    """One way to bytes and back, with the rows in the form that it takes."""

    rows: list[Row]
    encode: Callable[[list[Row]], bytes]
    decode: Callable[[bytes], list[Row]]


def nested_row(n: int) -> Row:
    tags, note = ("red", "green", "blue")[: n % 4], None if n % 2 else f"note {n}"
    return (n, tags, note, (n * 0.5, n * 0.25), tuple((k, k + n) for k in range(n % 3)))


SHAPES: dict[str, Shape] = {
    "5 numbers": Shape(
        type=product(id=P.U64, x=P.F64, y=P.F64, level=P.I32, is_up=P.BOOL),
        row=lambda n: (n, n * 0.5, -n * 0.25, -n, n % 2 == 0),
        hint=tuple[int, float, float, int, bool],
        messages={"Row": ("uint64 id", "double x", "double y", "sint32 level", "bool is_up")},
    ),
    "1 number, 4 texts": Shape(
        type=product(id=P.U64, name=P.STRING, title=P.STRING, mail=P.STRING, picture=P.STRING),
        row=lambda n: (n, f"user-{n}", f"User number {n}", f"user.{n}@example.org", f"/pictures/{n}.png"),
        hint=tuple[int, str, str, str, str],
        messages={"Row": ("uint64 id", "string name", "string title", "string mail", "string picture")},
    ),
    "whiteboard point": Shape(
        type=product(id=P.U64, x=P.F32, y=P.F32, color=P.STRING, user_id=IDENTITY, at=TIMESTAMP),
        row=lambda n: (
            n,
            n * 0.5,
            n * 0.25,
            "#ffcc00",
            Identity.from_int(n % 50),
            Timestamp(1_700_000_000_000_000 + n),
        ),
        hint=tuple[int, float, float, str, bytes, int],
        messages={"Row": ("uint64 id", "float x", "float y", "string color", "bytes user_id", "sfixed64 at")},
        foreign=lambda row: (*row[:4], row[4].data, row[5].micros),
    ),
    "option, lists, nested": Shape(
        type=product(
            id=P.U32,
            tags=ArrayType(P.STRING),
            note=option(P.STRING),
            at=product(x=P.F64, y=P.F64),
            path=ArrayType(product(x=P.I32, y=P.I32)),
        ),
        row=nested_row,
        hint=tuple[int, tuple[str, ...], str | None, tuple[float, float], tuple[tuple[int, int], ...]],
        messages={
            "At": ("double x", "double y"),
            "Pair": ("sint32 x", "sint32 y"),
            "Row": ("uint32 id", "repeated string tags", "optional string note", "At at", "repeated Pair path"),
        },
    ),
}


def bsatn(shape: Shape) -> Format:
    codec = compile_codec(shape.type)
    encode = codec.encode
    rows = [codec.normalize(shape.row(n)) for n in range(ROWS)]
    return Format(rows, lambda rows: b"".join([encode(row) for row in rows]), codec.decode_many)


def msgpack(shape: Shape) -> Format:
    rows = [shape.foreign(row) for row in bsatn(shape).rows]
    hint = list.__class_getitem__(shape.hint)
    return Format(rows, msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(hint).decode)


def protobuf(shape: Shape) -> Format:
    classes = message_classes({**shape.messages, "Rows": ("repeated Row rows",)})
    rows = [shape.foreign(row) for row in bsatn(shape).rows]
    if "Pair" in classes:
        return Format(rows, *_nested_messages(classes))
    names = [field.split()[-1] for field in shape.messages["Row"]]
    many, one, values = classes["Rows"], classes["Row"], attrgetter(*names)

    def encode(rows: list[Row]) -> bytes:
        data: bytes = many(rows=[one(**dict(zip(names, row, strict=True))) for row in rows]).SerializeToString()
        return data

    return Format(rows, encode, lambda data: [values(message) for message in many.FromString(data).rows])


def _nested_messages(classes: dict[str, Any]) -> tuple[Callable[[list[Row]], bytes], Callable[[bytes], list[Row]]]:
    many, one, point, pair = (classes[name] for name in ("Rows", "Row", "At", "Pair"))

    def encode(rows: list[Row]) -> bytes:
        messages = [
            one(id=id_, tags=tags, note=note, at=point(x=x, y=y), path=[pair(x=a, y=b) for a, b in path])
            for id_, tags, note, (x, y), path in rows
        ]
        data: bytes = many(rows=messages).SerializeToString()
        return data

    def decode(data: bytes) -> list[Row]:
        return [
            (m.id, tuple(m.tags), note_of(m), (m.at.x, m.at.y), tuple([(p.x, p.y) for p in m.path]))
            for m in many.FromString(data).rows
        ]

    def note_of(message: Any) -> str | None:
        return message.note if message.HasField("note") else None

    return encode, decode


def rates(formats: dict[str, Format], encoded: dict[str, bytes], verb: str) -> dict[str, float]:
    """The median rows per second of processor time of each format, taken in turns."""
    samples: dict[str, list[float]] = {name: [] for name in formats}
    for _ in range(ROUNDS):
        for name, each in formats.items():
            given: Any = each.rows if verb == "encode" else encoded[name]
            action: Callable[[Any], object] = each.encode if verb == "encode" else each.decode
            started = time.process_time()
            action(given)
            samples[name].append(ROWS / (time.process_time() - started))
    return {name: statistics.median(values) for name, values in samples.items()}


def measure() -> list[Figure]:
    """Every shape in every format; the ratios are what BSATN does for each row of the other."""
    figures: list[Figure] = []
    for shape_name, shape in SHAPES.items():
        formats = {"BSATN": bsatn(shape), "msgpack": msgpack(shape), "protobuf": protobuf(shape)}
        encoded = {name: each.encode(each.rows) for name, each in formats.items()}
        for name, each in formats.items():
            assert each.decode(encoded[name]) == each.rows, f"{name} gives other rows back"
        for verb in ("encode", "decode"):
            found = rates(formats, encoded, verb)
            for name, rate in found.items():
                what = f"{verb} {shape_name}, {name} ({len(encoded[name]) / ROWS:.0f} B)"
                ratio = None if name == "BSATN" else found["BSATN"] / rate
                figures.append(Figure(what, rate, "rows/s", ratio, f"BSATN to {name}"))
    return figures


if __name__ == "__main__":
    show("Rows to bytes and back, in three formats", measure())

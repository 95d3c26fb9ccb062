"""Values of SQL results as text, in the manner of SpacetimeDB's own command line (docs/cli.md, "SQL tables").

They come as the server's bare JSON: products are lists, sums are `[tag, payload]`.
"""

import json
from collections.abc import Sequence
from typing import Any

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    Primitive,
    ProductType,
    Ref,
    SumType,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
)

Json = Any
"""Decoded JSON; the type beside it says what it holds."""


def value_text(type_: AlgebraicType, value: Json, typespace: Typespace = Typespace()) -> str:  # noqa: B008  # immutable
    """One value on one line; a value that does not fit its type is shown as its JSON."""
    try:
        return _text(type_, value, typespace)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError):
        return json.dumps(value, ensure_ascii=False)


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A psql-like table: header, rule, rows; cells are padded to the widest of their column."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = (f" {cell}{' ' * (width - cell_len(cell))} " for cell, width in zip(cells, widths, strict=True))
        return "|".join(padded).rstrip()

    rule = "+".join("-" * (width + 2) for width in widths)
    return [line(header), rule, *map(line, rows)]


def _text(type_: AlgebraicType, value: Json, typespace: Typespace) -> str:
    special = _special(type_, value)
    if special is not None:
        return special
    match type_:
        case Ref():
            return _text(typespace.resolve(type_), value, typespace)
        case Primitive.STRING:
            return json.dumps(value, ensure_ascii=False)
        case Primitive.U256 | Primitive.I256:
            return str(int(value, 16))
        case Primitive():
            return json.dumps(value)
        case ArrayType(element):
            return f"[{', '.join(_text(element, item, typespace) for item in value)}]"
        case ProductType(elements):
            fields = zip(elements, value, strict=True)
            return _record([(field.name, _text(field.type, item, typespace)) for field, item in fields])
        case SumType(variants):
            tag, payload = value
            return _record([(variants[tag].name, _text(variants[tag].type, payload, typespace))])


def _special(type_: AlgebraicType, value: Json) -> str | None:
    """The types with a form of their own; bytes are a hex string in JSON."""
    if type_ == BYTES:
        return f"0x{value}"
    if type_ == IDENTITY:
        return f"0x{Identity.from_int(int(value[0], 16))}"
    if type_ == CONNECTION_ID:
        return f"0x{ConnectionId.from_int(value[0])}"
    if type_ == TIMESTAMP:
        return str(Timestamp(value[0]))
    if type_ == TIME_DURATION:
        return str(TimeDuration(value[0]))
    if type_ == UUID:
        return f'"{Uuid.from_int(value[0])}"'
    return None


def _record(fields: Sequence[tuple[str | None, str]]) -> str:
    shown = (text if name is None else f"{name} = {text}" for name, text in fields)
    return f"({', '.join(shown)})"

"""Column defaults: what stands after `=`, as BSATN of the column's type."""

import dataclasses
from typing import Any

from stdbctl.errors import Place
from stdbctl.module.columns import Constraint
from stdbctl.module.declare import MUTABLE_DEFAULT
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import BadDefault, DefaultOnKey, MutableDefault
from stdbctl.module.tables import Add, Column, TableSpec
from stdbctl.module.unseen import UNSEEN
from stdbctl.sats import Converters, EncodeError, ListShape, Mismatch, Shape, Typespace, compile_codec, steps_text

_WORDS = {"PrimaryKey": "the primary key", "Unique": "unique", "AutoInc": "counted up"}

_FIX = "give a default that fits the type, or change the type"


def read_defaults(
    spec: TableSpec, converters: Converters, typespace: Typespace, places: PlaceBook, add: Add
) -> tuple[tuple[int, bytes], ...]:
    """(position, BSATN) of every column default of a table; what is no default goes to `add`."""
    found = []
    converters = Converters(converters.definitions, typespace)
    for column in spec.columns:
        if column.shape is not None and _is_given(column):
            place = places.field(spec.cls, column.name, "value")
            data = _default(column, column.shape, converters, typespace, place, add)
            if data is not None:
                found.append((column.position, data))
    return tuple(found)


def _is_given(column: Column) -> bool:
    field = column.field
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _value(column: Column) -> Any:  # the default, whatever the author wrote
    factory = column.field.default_factory
    return column.field.default if factory is dataclasses.MISSING else factory()


def _default(
    column: Column, shape: Shape, converters: Converters, typespace: Typespace, place: Place | None, add: Add
) -> bytes | None:
    constraint = next((m.name for m in column.marks if isinstance(m, Constraint)), None)
    if constraint is not None:
        _check_key(column, constraint, place, add)
        return None
    try:
        value = _value(column)
        if value is UNSEEN:
            return None
        if MUTABLE_DEFAULT in column.field.metadata:
            add(_mutable(column, shape, value, PlaceBook.text(place), place))
            return None
        codec = compile_codec(shape.type, typespace)
        return codec.encode(codec.normalize(converters.exact(shape, value)))
    except (EncodeError, Mismatch) as error:
        inside = f"`{steps_text(error.path).removeprefix('.')}` " if error.path else ""
        reason, fix = f"{inside}expected {error.expected}, got {error.given}", _FIX
        if value is None:
            fix = f"write `{column.name}: {shape.text} | None = None`, or remove the default"
        add(BadDefault(column=column.name, type=shape.text, reason=reason, fix=fix, place=place))
    except Exception as error:  # the author's own factory may raise anything
        reason, fix = f"making it raised {type(error).__name__}: {error}", "give a plain value"
        add(BadDefault(column=column.name, type=shape.text, reason=reason, fix=fix, place=place))
    return None


def _mutable(column: Column, shape: Shape, value: object, written: str, place: Place | None) -> MutableDefault:
    kind = type(value).__name__
    # Strict type checkers want to see the element type.
    factory = shape.text if isinstance(shape, ListShape) and not value else f"lambda: {written}"
    return MutableDefault(column=column.name, type=kind, factory=factory, place=place)


def _check_key(column: Column, constraint: str, place: Place | None, add: Add) -> None:
    is_counted = column.has("AutoInc")
    if is_counted and type(column.field.default) is int and column.field.default == 0:
        return
    fix = "write `= 0`, which asks for the next number" if is_counted else "remove the default"
    words = _WORDS["AutoInc" if is_counted else constraint]
    add(DefaultOnKey(column=column.name, constraint=words, fix=fix, place=place))

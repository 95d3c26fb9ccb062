"""What a column takes, and what to write instead of a value that it does not take."""

import enum
from collections.abc import Mapping

from stdbctl.module.accesses.meanings import Known, Meaning, Typed
from stdbctl.sats import (
    CONNECTION_ID,
    IDENTITY,
    INTEGERS,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    Definition,
    EnumShape,
    Named,
    Primitive,
    Scalar,
    Shape,
)

_MADE_BY: Mapping[AlgebraicType, Mapping[type, str]] = {
    IDENTITY: {str: "Identity.from_hex(…)"},
    CONNECTION_ID: {str: "ConnectionId.from_hex(…)"},
    TIMESTAMP: {int: "Timestamp.from_micros(…)"},
    TIME_DURATION: {int: "TimeDuration.from_micros(…)", float: "TimeDuration.seconds(…)"},
    SCHEDULE_AT: {},
    UUID: {str: "Uuid.parse(…)"},
    Primitive.STRING: {int: "str(…)", float: "str(…)", bytes: ".decode()"},
}
_MEMBERS_MAX = 6
"""Members of an enum that are listed; more hide the sentence around them."""


def range_text(shape: Shape, definitions: Mapping[int, Definition]) -> str:
    """What values of a shape are, in words that go behind its name; empty where the name says it all."""
    if isinstance(shape, Scalar) and shape.type in INTEGERS and isinstance(shape.type, Primitive):
        low, high = _limits(shape.type)
        return f", which is an integer from {low} to {high}"
    members = list(_members(shape, definitions))
    if not members:
        return ""
    shown = ", ".join(f"`{shape.text}.{member.name}`" for member in members[:_MEMBERS_MAX])
    return f": {shown}" + (", …" if len(members) > _MEMBERS_MAX else "")


def fix_text(meaning: Meaning, shape: Shape, definitions: Mapping[int, Definition], *, is_key: bool) -> str:
    """What to write instead of a value. `is_key`: the column carries a key or index, so it cannot be optional."""
    value = meaning.value if isinstance(meaning, Known) else None
    if isinstance(meaning, Known) and value is None:
        return "give a value" if is_key else f"give a value, or make the column `{shape.text} | None`"
    for member in _members(shape, definitions):
        if value in (member.name, member.value) and not isinstance(value, enum.Enum):
            return f"write `{shape.text}.{member.name}`"
    is_integer = isinstance(shape, Scalar) and shape.type in INTEGERS
    if is_integer and isinstance(value, str) and value.lstrip("-").isdigit():
        return f"write the number without quotes: `{value}`"
    return f"give a value of type `{shape.text}`{_made_by(meaning, shape)}, or change the type of the column"


def _made_by(meaning: Meaning, shape: Shape) -> str:
    ways = _MADE_BY.get(shape.type, {}) if isinstance(shape, Scalar) else {}
    given = type(meaning.value) if isinstance(meaning, Known) else None
    if isinstance(meaning, Typed) and isinstance(meaning.shape, Scalar):
        type_ = meaning.shape.type
        given = int if type_ in INTEGERS else str if type_ is Primitive.STRING else None
    way = ways.get(given) if given is not None else None
    return f", made by `{way}`" if way else ""


def _members(shape: Shape, definitions: Mapping[int, Definition]) -> list[enum.Enum]:
    definition = definitions.get(shape.ref.index) if isinstance(shape, Named) else None
    return list(definition.cls) if isinstance(definition, EnumShape) else []


def _limits(primitive: Primitive) -> tuple[int, int]:
    bits = int(primitive.name[1:])
    return (0, 2**bits - 1) if primitive.name[0] == "U" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

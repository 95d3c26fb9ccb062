"""The words of errors about values: what was expected, in the author's words, and what came."""

import reprlib
from collections.abc import Mapping, Sequence

from stdbctl.sats.errors import Path, path_text
from stdbctl.sats.reference_encoder import int_range
from stdbctl.sats.shapes import (
    INTEGERS,
    Definition,
    EnumShape,
    Named,
    OptionShape,
    ResultShape,
    Scalar,
    Shape,
    UnionShape,
)
from stdbctl.sats.types import AlgebraicType, Primitive

GIVEN_MAX = 60
"""Characters of a value shown in an error."""
NAMES_MAX = 6
"""Members or cases listed in an error."""


class Mismatch(Exception):
    """A value of the author's does not fit its shape.

    `path`: where inside the value, as Python would reach it. `expected`, `given`: for people, in the author's words.
    """

    def __init__(self, path: Path, expected: str, given: str) -> None:
        self.path, self.expected, self.given = path, expected, given
        super().__init__(f"`{path_text(path)}` expects {expected}, got {given}")


def given_text(value: object) -> str:
    """A value for an error message: a short form of it, and its type. It comes from authors: its repr may raise."""
    try:
        text = _SHORT.repr(value)
    except Exception:
        return f"a value that cannot be shown ({type(value).__name__})"
    text = text if len(text) <= GIVEN_MAX else text[: GIVEN_MAX - 1] + "…"
    return text if value is None else f"{text} ({type(value).__name__})"


class _Short(reprlib.Repr):
    """Never looks at more of a value than it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = GIVEN_MAX
        self.fillvalue = "…"


_SHORT = _Short()


def expected_text(shape: Shape, definitions: Mapping[int, Definition]) -> str:
    """What a value of the shape is, for an error: `u8 (0 to 255)`, `Mood (CALM or ODD)`, `list[str]`."""
    if isinstance(shape, Scalar):
        return _scalar_text(shape)
    if isinstance(shape, ResultShape):
        return f"{shape.text} (Ok(value) or Err(value))"
    if isinstance(shape, OptionShape) and shape.is_boxed:
        return f"{shape.text} (Some(value) or None)"
    definition = definitions.get(shape.ref.index) if isinstance(shape, Named) else None
    if isinstance(definition, EnumShape):
        return f"{shape.text} ({_either([f'{shape.text}.{member.name}' for member in definition.cls])})"
    if isinstance(definition, UnionShape):
        return f"{shape.text} ({_either([cls.__name__ for cls, _ in definition.variants])})"
    return shape.text


def _scalar_text(shape: Scalar) -> str:
    bounds = int_bounds(shape.type)
    if bounds is None:
        return shape.text
    low, high = bounds
    if high.bit_length() < 63:
        return f"{shape.text} ({low} to {high})"
    return f"{shape.text} ({low and f'-2**{high.bit_length()}'} to 2**{high.bit_length()} - 1)"


def int_bounds(type_: AlgebraicType) -> tuple[int, int] | None:
    """The lowest and the highest number of an integer type; None for any other."""
    return int_range(type_) if isinstance(type_, Primitive) and type_ in INTEGERS else None


def _either(names: Sequence[str]) -> str:
    if len(names) > NAMES_MAX:
        return f"{', '.join(names[: NAMES_MAX - 1])} or another of {len(names)}"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

"""What an annotation means: the SATS type, and the Python shape that authors see.

Shape = Scalar | Unit | ListShape | OptionShape | ResultShape | Named. A `Named` points at a RecordShape, EnumShape or
UnionShape of the module's `TypeBook` by its ref, so shapes may be recursive.
"""

import enum
from dataclasses import dataclass
from typing import Any

from stdbctl.sats.types import UNIT, AlgebraicType, ArrayType, Primitive, Ref, option, result


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value that authors and engine hold alike."""

    type: AlgebraicType
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """`None`, held by the engine as `()`."""

    type: AlgebraicType = UNIT
    text: str = "None"


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list, held by the engine as a tuple."""

    element: "Shape"

    @property
    def type(self) -> AlgebraicType:
        return ArrayType(self.element.type)

    @property
    def text(self) -> str:
        return f"list[{self.element.text}]"


@dataclass(frozen=True, slots=True)
class OptionShape:
    """`T | None`, or with `is_boxed` `Option[T]`, whose present case authors write as `Some(value)`."""

    inner: "Shape"
    is_boxed: bool

    @property
    def type(self) -> AlgebraicType:
        return option(self.inner.type)

    @property
    def text(self) -> str:
        return f"Option[{self.inner.text}]" if self.is_boxed else f"{self.inner.text} | None"


@dataclass(frozen=True, slots=True)
class ResultShape:
    """`Ok(value)` or `Err(value)`."""

    ok: "Shape"
    err: "Shape"

    @property
    def type(self) -> AlgebraicType:
        return result(self.ok.type, self.err.type)

    @property
    def text(self) -> str:
        return f"Result[{self.ok.text}, {self.err.text}]"


@dataclass(frozen=True, slots=True)
class Named:
    """A type with a name of its own, by its position in the typespace."""

    ref: Ref
    text: str

    @property
    def type(self) -> AlgebraicType:
        return self.ref


Shape = Scalar | Unit | ListShape | OptionShape | ResultShape | Named


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A dataclass or row class: its fields in order."""

    cls: type[Any]
    fields: tuple[tuple[str, Shape], ...]


@dataclass(frozen=True, slots=True)
class EnumShape:
    """An enum: its members in order."""

    cls: type[enum.Enum]


@dataclass(frozen=True, slots=True)
class UnionShape:
    """A union: each class with its payload. A dataclass is its own payload, a Variant holds it in `value`."""

    name: str
    variants: tuple[tuple[type[Any], Shape], ...]


Definition = RecordShape | EnumShape | UnionShape

INTEGERS = frozenset(p for p in Primitive if p.name[0] in "IU")
FLOATS = frozenset({Primitive.F32, Primitive.F64})

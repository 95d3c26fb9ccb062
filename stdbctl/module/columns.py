"""The types and constraints that authors write in annotations: `u64`, `Index[Identity]`, `PrimaryKey[AutoInc[u64]]`, …

Every one is an `Annotated` alias around a plain Python type, so type checkers see the plain type and the loader
sees the mark.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from stdbctl.sats import Primitive

T = TypeVar("T")
Algorithm = Literal["btree", "hash", "direct"]


@dataclass(frozen=True, slots=True)
class Width:
    """The mark of a number type of fixed width."""

    primitive: Primitive


@dataclass(frozen=True, slots=True)
class Constraint:
    """The mark of `PrimaryKey`, `AutoInc` and `Unique`."""

    name: Literal["PrimaryKey", "AutoInc", "Unique"]


@dataclass(frozen=True, slots=True)
class IndexMark:
    """An index: on the column that carries it (no `columns`), or on the named columns of a table."""

    columns: tuple[str, ...]
    algorithm: Algorithm
    name: str | None


@dataclass(frozen=True, slots=True)
class ColumnMark:
    """An explicit canonical name of one column (None = by the rule), and what it was called once."""

    name: str | None
    was: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnionMark:
    """The mark that makes a union of classes a SATS sum."""

    name: str


def index(*columns: str, algorithm: Algorithm = "btree", name: str | None = None) -> IndexMark:
    """Declare an index: in `Annotated[u8, index(algorithm="hash")]` for one column, in `indexes=[…]` for several.

    `name`: what generated clients call it (default: the columns joined by `_`).
    """
    return IndexMark(columns, algorithm, name)


def column(*, name: str | None = None, was: str | tuple[str, ...] = ()) -> ColumnMark:
    """Give a column an explicit canonical name: `raw: Annotated[str, column(name="RawText")]`.

    `was`: what it was called before; stored rows keep their values: `x: Annotated[f32, column(was="left")]`.
    """
    return ColumnMark(name, names_of(was))


def names_of(was: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several, as several. What is neither is reported with all other mistakes, after the import."""
    return tuple(was) if isinstance(was, tuple | list) else (was,)


def union(name: str) -> UnionMark:
    """Make a union a type of its own: `Shape = Annotated[Circle | Label, union("Shape")]`."""
    return UnionMark(name)


u8 = Annotated[int, Width(Primitive.U8)]
u16 = Annotated[int, Width(Primitive.U16)]
u32 = Annotated[int, Width(Primitive.U32)]
u64 = Annotated[int, Width(Primitive.U64)]
u128 = Annotated[int, Width(Primitive.U128)]
u256 = Annotated[int, Width(Primitive.U256)]
i8 = Annotated[int, Width(Primitive.I8)]
i16 = Annotated[int, Width(Primitive.I16)]
i32 = Annotated[int, Width(Primitive.I32)]
i64 = Annotated[int, Width(Primitive.I64)]
i128 = Annotated[int, Width(Primitive.I128)]
i256 = Annotated[int, Width(Primitive.I256)]
f32 = Annotated[float, Width(Primitive.F32)]
f64 = Annotated[float, Width(Primitive.F64)]

PrimaryKey = Annotated[T, Constraint("PrimaryKey")]
AutoInc = Annotated[T, Constraint("AutoInc")]
Unique = Annotated[T, Constraint("Unique")]
Index = Annotated[T, index()]

"""SATS types: the algebra in which tables, arguments and messages are described.

AlgebraicType = Primitive | ArrayType | ProductType | SumType | Ref. All are immutable, hashable and compared by value.

How a value of each type is held in memory (the "engine value", what codecs take and give):

| type | Python value |
|---|---|
| Bool, String, I8..I256, U8..U256, F32, F64 | bool, str, int, float (F32 rounded to its width by `Codec.normalize`) |
| Array(U8) | bytes |
| Array(T) | tuple of values |
| product | tuple of field values, in order; unit is () |
| Option(T) | None, or the value itself; where T is itself an option: None or Some(value) |
| Result, every other sum | (tag, payload); a unit payload is () |
| Identity, ConnectionId, Timestamp, TimeDuration, Uuid | the classes of `stdbctl.sats.values` |
| ScheduleAt | the class of `stdbctl.sats.values` |
"""

import enum
from dataclasses import dataclass, field


class Primitive(enum.Enum):
    """The types without parts. The value is the AlgebraicType tag on the wire."""

    STRING = 4
    BOOL = 5
    I8 = 6
    U8 = 7
    I16 = 8
    U16 = 9
    I32 = 10
    U32 = 11
    I64 = 12
    U64 = 13
    I128 = 14
    U128 = 15
    I256 = 16
    U256 = 17
    F32 = 18
    F64 = 19

    @property
    def text(self) -> str:
        """The name as SpacetimeDB shows it: `U64`, `String`, `Bool`."""
        return self.name if self.name[-1].isdigit() else self.name.capitalize()


@dataclass(frozen=True, slots=True)
class Ref:
    """A type by its position in the typespace."""

    index: int


@dataclass(frozen=True, slots=True)
class ArrayType:
    """A list of one element type."""

    element: "AlgebraicType"


@dataclass(frozen=True, slots=True)
class ProductElement:
    """One field; `name` is None in a tuple."""

    name: str | None
    type: "AlgebraicType"


@dataclass(frozen=True, slots=True)
class ProductType:
    """A record: fields in declared order."""

    elements: tuple[ProductElement, ...] = ()


@dataclass(frozen=True, slots=True)
class SumVariant:
    """One variant; its position is its tag."""

    name: str | None
    type: "AlgebraicType"


@dataclass(frozen=True, slots=True)
class SumType:
    """A tagged union of at most 256 variants."""

    variants: tuple[SumVariant, ...] = ()


AlgebraicType = Primitive | ArrayType | ProductType | SumType | Ref


@dataclass(frozen=True, slots=True, eq=False)
class Typespace:
    """The list that every `Ref` points into."""

    types: tuple[AlgebraicType, ...] = ()
    _hash: int = field(default=0, init=False, repr=False)

    def __hash__(self) -> int:
        # It is a key of caches, and walking hundreds of types at every look-up made big modules slow to load.
        if not self._hash:
            object.__setattr__(self, "_hash", hash(self.types))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Typespace):
            return NotImplemented
        if self.types is not other.types:
            if hash(self) != hash(other) or self.types != other.types:
                return False
            # Equal ones share their types from now on: caches compare them at every look-up, and each walk is long.
            object.__setattr__(self, "types", other.types)
        return True

    def resolve(self, type_: AlgebraicType) -> AlgebraicType:
        """Follow refs until something else comes; IndexError for a ref out of range."""
        while isinstance(type_, Ref):
            type_ = self.types[type_.index]
        return type_


def product(**fields: AlgebraicType) -> ProductType:
    """Build a product type from keyword fields, in the order given."""
    return ProductType(tuple(ProductElement(name, type_) for name, type_ in fields.items()))


def sum_type(**variants: AlgebraicType) -> SumType:
    """Build a sum type from keyword variants, in the order given."""
    return SumType(tuple(SumVariant(name, type_) for name, type_ in variants.items()))


def option(type_: AlgebraicType) -> SumType:
    """Option<T>: exactly `some: T`, `none: unit`, in this order."""
    return sum_type(some=type_, none=UNIT)


def result(ok: AlgebraicType, err: AlgebraicType) -> SumType:
    """Result<T, E>: exactly `ok: T`, `err: E`."""
    return sum_type(ok=ok, err=err)


UNIT = ProductType()
NEVER = SumType()
BYTES = ArrayType(Primitive.U8)
IDENTITY = product(__identity__=Primitive.U256)
CONNECTION_ID = product(__connection_id__=Primitive.U128)
TIMESTAMP = product(__timestamp_micros_since_unix_epoch__=Primitive.I64)
TIME_DURATION = product(__time_duration_micros__=Primitive.I64)
UUID = product(__uuid__=Primitive.U128)
SCHEDULE_AT = sum_type(Interval=TIME_DURATION, Time=TIMESTAMP)


def option_inner(type_: AlgebraicType) -> AlgebraicType | None:
    """The T of Option<T>, or None when `type_` is not an option (a Ref is not followed)."""
    if isinstance(type_, SumType) and len(type_.variants) == 2:
        some, none = type_.variants
        if some.name == "some" and none.name == "none" and none.type == UNIT:
            return some.type
    return None


def result_inner(type_: AlgebraicType) -> tuple[AlgebraicType, AlgebraicType] | None:
    """The (T, E) of Result<T, E>, or None when `type_` is not a result (a Ref is not followed)."""
    if isinstance(type_, SumType) and tuple(v.name for v in type_.variants) == ("ok", "err"):
        return type_.variants[0].type, type_.variants[1].type
    return None


_SPECIAL_NAMES = {
    IDENTITY: "Identity",
    CONNECTION_ID: "ConnectionId",
    TIMESTAMP: "Timestamp",
    TIME_DURATION: "TimeDuration",
    UUID: "Uuid",
    SCHEDULE_AT: "ScheduleAt",
}


def special_name(type_: AlgebraicType) -> str | None:
    """`Identity`, `Timestamp`, … for the special types by their exact inline shape, else None."""
    return _SPECIAL_NAMES.get(type_)


def is_special(type_: AlgebraicType) -> bool:
    """Whether a product or sum may stand inline: special types, options, results, unit and never."""
    return (
        type_ in _SPECIAL_NAMES
        or type_ in (UNIT, NEVER)
        or option_inner(type_) is not None
        or result_inner(type_) is not None
    )

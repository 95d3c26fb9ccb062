"""How values of a column are compared: the "order key" of a value is what indexes and tables keep in its place.

Order keys hash, compare and sort as SpacetimeDB orders the values themselves. Most values are their own key; these
are not (docs/engine.md, "Order"):

| type | order key |
|---|---|
| F32, F64 | the number; every NaN is one value above all numbers; 0.0 and -0.0 are equal |
| Identity, ConnectionId | the bytes, most significant first |
| Timestamp, TimeDuration | microseconds |
| Uuid | the 128-bit number |
| Option | `(0, key)` for some, `(1,)` for none: by tag, so none comes last |
| ScheduleAt, other sums | (tag, key of the payload) |
| products, arrays | tuple of keys |
"""

from collections.abc import Callable
from typing import Any

from stdbctl.sats import (
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    Primitive,
    ProductType,
    ScheduleAt,
    Some,
    SumType,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    option_inner,
)

OrderKey = Callable[[Any], Any]
"""Engine value -> order key; Any because column types are known only at run time."""


class _Above:
    """A value above every other; `rank` orders those among each other."""

    __slots__ = ("rank",)

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def __lt__(self, other: object) -> bool:
        return isinstance(other, _Above) and self.rank < other.rank

    def __le__(self, other: object) -> bool:
        return isinstance(other, _Above) and self.rank <= other.rank

    def __gt__(self, other: object) -> bool:
        return not isinstance(other, _Above) or self.rank > other.rank

    def __ge__(self, other: object) -> bool:
        return not isinstance(other, _Above) or self.rank >= other.rank


NAN = _Above(0)
"""The order key of every NaN."""
TOP = _Above(1)
"""Above every order key: closes a range of composite keys."""

_INT_RANGES = {
    getattr(Primitive, f"{sign}{bits}"): (-(1 << bits - 1), (1 << bits - 1) - 1)
    if sign == "I"
    else (0, (1 << bits) - 1)
    for sign in "IU"
    for bits in (8, 16, 32, 64, 128, 256)
}
_CLASS_OF: dict[AlgebraicType, tuple[type, str]] = {
    Primitive.STRING: (str, "{v}"),
    Primitive.BOOL: (bool, "{v}"),
    IDENTITY: (Identity, "{v}.data[::-1]"),
    CONNECTION_ID: (ConnectionId, "{v}.data[::-1]"),
    TIMESTAMP: (Timestamp, "{v}.micros"),
    TIME_DURATION: (TimeDuration, "{v}.micros"),
    UUID: (Uuid, "{v}.value.int"),
}


def int_range(type_: AlgebraicType) -> tuple[int, int] | None:
    """The smallest and the largest value of an integer type; None for any other type."""
    return _INT_RANGES.get(type_) if isinstance(type_, Primitive) else None


def key_source(type_: AlgebraicType, typespace: Typespace, value: str, names: dict[str, Any]) -> str:
    """Python source of the order key of the expression `value`; what it refers to is put into `names`."""
    type_ = typespace.resolve(type_)
    if int_range(type_):
        return value
    if type_ in _CLASS_OF:
        return _CLASS_OF[type_][1].format(v=value)
    name = f"order_key_{len(names)}"
    names[name] = order_key(type_, typespace)
    return f"{name}({value})"


def probe_source(type_: AlgebraicType, typespace: Typespace, slow: str, names: dict[str, Any]) -> str:
    """Python source of the order key of `v`, a value from outside: a wrong one goes to `slow`, which raises."""
    type_ = typespace.resolve(type_)
    bounds = int_range(type_)
    if bounds:
        return f"v if v.__class__ is int and {bounds[0]} <= v <= {bounds[1]} else {slow}(v)"
    if type_ in _CLASS_OF:
        class_, source = _CLASS_OF[type_]
        names[f"class_{class_.__name__}"] = class_
        return f"{source.format(v='v')} if v.__class__ is class_{class_.__name__} else {slow}(v)"
    return f"{slow}(v)"


def order_key(type_: AlgebraicType, typespace: Typespace) -> OrderKey:
    """Make the function from engine value to order key; recursive types are followed as deep as the value goes."""
    type_ = typespace.resolve(type_)
    if type_ in _CLASS_OF:
        return eval(f"lambda v: {_CLASS_OF[type_][1].format(v='v')}")  # type: ignore[no-any-return]  # our own source
    if type_ in (Primitive.F32, Primitive.F64):
        return _float_key
    if type_ == SCHEDULE_AT:
        return _schedule_key
    if isinstance(type_, Primitive):
        return _itself
    if isinstance(type_, ArrayType):
        return _array_key(type_, typespace)
    if isinstance(type_, ProductType):
        return _product_key(type_, typespace)
    assert isinstance(type_, SumType)
    inner = option_inner(type_)
    return _option_key(inner, typespace) if inner is not None else _sum_key(type_, typespace)


def _itself(value: Any) -> Any:
    return value


def _float_key(value: float) -> Any:
    return value if value == value else NAN


def _schedule_key(value: ScheduleAt) -> tuple[int, int]:
    return (isinstance(value.value, Timestamp), value.value.micros)


def _array_key(type_: ArrayType, typespace: Typespace) -> OrderKey:
    if typespace.resolve(type_.element) is Primitive.U8:
        return _itself
    key = _Late(type_.element, typespace)
    return lambda value: tuple([key(v) for v in value])


def _product_key(type_: ProductType, typespace: Typespace) -> OrderKey:
    keys = [_Late(element.type, typespace) for element in type_.elements]
    return lambda value: tuple([key(v) for key, v in zip(keys, value, strict=True)])


def _option_key(inner: AlgebraicType, typespace: Typespace) -> OrderKey:
    key = _Late(inner, typespace)
    if option_inner(typespace.resolve(inner)) is None:
        return lambda value: (1,) if value is None else (0, key(value))
    return lambda value: (0, key(value.value)) if isinstance(value, Some) else (1,)


def _sum_key(type_: SumType, typespace: Typespace) -> OrderKey:
    keys = [_Late(variant.type, typespace) for variant in type_.variants]
    return lambda value: (value[0], keys[value[0]](value[1]))


class _Late:
    """The order key of a part, made at its first use: a recursive type has no end otherwise."""

    __slots__ = ("_key", "_type", "_typespace")

    def __init__(self, type_: AlgebraicType, typespace: Typespace) -> None:
        self._type, self._typespace = type_, typespace
        self._key: OrderKey | None = None

    def __call__(self, value: Any) -> Any:
        if self._key is None:
            self._key = order_key(self._type, self._typespace)
        return self._key(value)

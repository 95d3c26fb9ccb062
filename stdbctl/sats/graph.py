"""What codecs and JSON must know of a type beyond its own shape: refs followed, recursion, size."""

import enum
from collections.abc import Iterator

from stdbctl.sats.errors import InvalidType
from stdbctl.sats.types import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    SumType,
    Typespace,
    option_inner,
    special_name,
)

WIDTHS = {
    Primitive.BOOL: 1,
    Primitive.I8: 1,
    Primitive.U8: 1,
    Primitive.I16: 2,
    Primitive.U16: 2,
    Primitive.I32: 4,
    Primitive.U32: 4,
    Primitive.I64: 8,
    Primitive.U64: 8,
    Primitive.I128: 16,
    Primitive.U128: 16,
    Primitive.I256: 32,
    Primitive.U256: 32,
    Primitive.F32: 4,
    Primitive.F64: 8,
}
"""Encoded bytes of the primitives of fixed width (all but String)."""

MAX_DEPTH = 128
"""Levels of recursive refs inside one value. Generated code needs up to three Python frames a level, of 1000."""

MAX_EMPTY_ELEMENTS = 65_536
"""Elements of an array whose elements take no bytes: the count alone would cost memory without any data."""


class Kind(enum.Enum):
    """The cases that everything that walks a type must tell apart (docs: stdbctl.sats.types)."""

    SCALAR = enum.auto()
    STRING = enum.auto()
    BYTES = enum.auto()
    ARRAY = enum.auto()
    SPECIAL = enum.auto()
    OPTION = enum.auto()
    PRODUCT = enum.auto()
    SUM = enum.auto()


def kind_of(type_: AlgebraicType) -> Kind:
    """The case of a type that is not a Ref."""
    if isinstance(type_, Primitive):
        return Kind.STRING if type_ is Primitive.STRING else Kind.SCALAR
    if special_name(type_) is not None:
        return Kind.SPECIAL
    if isinstance(type_, ArrayType):
        return Kind.BYTES if type_ == BYTES else Kind.ARRAY
    if isinstance(type_, ProductType):
        return Kind.PRODUCT
    assert isinstance(type_, SumType), f"a ref was not followed: {type_}"
    return Kind.SUM if option_inner(type_) is None else Kind.OPTION


def children(type_: AlgebraicType) -> Iterator[AlgebraicType]:
    """The types directly inside; none for a Ref."""
    if isinstance(type_, ArrayType):
        yield type_.element
    elif isinstance(type_, ProductType):
        yield from (element.type for element in type_.elements)
    elif isinstance(type_, SumType):
        yield from (variant.type for variant in type_.variants)


def _refs(type_: AlgebraicType) -> Iterator[int]:
    if isinstance(type_, Ref):
        yield type_.index
    for child in children(type_):
        yield from _refs(child)


class TypeGraph:
    """A typespace with its refs understood; answers are computed once."""

    def __init__(self, typespace: Typespace) -> None:
        self.typespace = typespace
        self._recursive: dict[int, bool] = {}
        self._node_counts: dict[int, int] = {}
        self._sizes: dict[int, int | None] = {}

    def resolve(self, type_: AlgebraicType) -> AlgebraicType:
        """Follow refs until something else comes.

        Raises:
            InvalidType: a ref is out of range, or the refs go round.
        """
        for _ in range(len(self.typespace.types) + 1):
            if not isinstance(type_, Ref):
                return type_
            if not 0 <= type_.index < len(self.typespace.types):
                raise InvalidType(f"ref &{type_.index} points outside the typespace of {len(self.typespace.types)}")
            type_ = self.typespace.types[type_.index]
        raise InvalidType(f"the refs at {type_} lead only to each other")

    def is_recursive(self, ref: Ref) -> bool:
        """Whether the type behind `ref` contains itself."""
        known = self._recursive.get(ref.index)
        if known is None:
            known = self._recursive[ref.index] = ref.index in self._reachable(ref)
        return known

    def _reachable(self, type_: AlgebraicType) -> set[int]:
        """The indexes of all refs inside `type_` and behind them; a ref itself counts only when it comes again."""
        seen: set[int] = set()
        waiting = list(_refs(self.resolve(type_)))
        while waiting:
            index = waiting.pop()
            if index not in seen:
                seen.add(index)
                waiting.extend(_refs(self.resolve(Ref(index))))
        return seen

    def node_count(self, type_: AlgebraicType) -> int:
        """How many types stand inside, refs expanded; a recursive ref counts as one."""
        if not isinstance(type_, Ref):
            return 1 + sum(self.node_count(child) for child in children(type_))
        if self.is_recursive(type_):
            return 1
        if type_.index not in self._node_counts:
            self._node_counts[type_.index] = self.node_count(self.resolve(type_))
        return self._node_counts[type_.index]

    def height(self, type_: AlgebraicType) -> int:
        """How many levels of types stand within each other, refs expanded; only for types that are not recursive."""
        return 1 + max(map(self.height, children(self.resolve(type_))), default=0)

    def fixed_size(self, type_: AlgebraicType) -> int | None:
        """Encoded bytes when every value has the same number of them, else None."""
        if isinstance(type_, Ref):
            if type_.index not in self._sizes:
                recursive = self.is_recursive(type_)
                self._sizes[type_.index] = None if recursive else self.fixed_size(self.resolve(type_))
            return self._sizes[type_.index]
        kind = kind_of(type_)
        if kind is Kind.SCALAR:
            assert isinstance(type_, Primitive)
            return WIDTHS[type_]
        if kind is Kind.SPECIAL:
            return SPECIAL_WIDTHS[special_name(type_)]
        if isinstance(type_, SumType):
            return 1 if self.is_enum(type_) else None
        return self._product_size(type_) if isinstance(type_, ProductType) else None

    def _product_size(self, type_: ProductType) -> int | None:
        total = 0
        for element in type_.elements:
            size = self.fixed_size(element.type)
            if size is None:
                return None
            total += size
        return total

    def is_enum(self, type_: AlgebraicType) -> bool:
        """Whether a sum that is no option has variants and none of them carries anything."""
        return (
            isinstance(type_, SumType)
            and bool(type_.variants)
            and option_inner(type_) is None
            and all(not isinstance(v.type, Ref) and v.type == UNIT for v in type_.variants)
        )

    def is_nested_option(self, inner: AlgebraicType) -> bool:
        """Whether an option around `inner` must wrap its value in Some, because None is a value of `inner`."""
        return kind_of(self.resolve(inner)) is Kind.OPTION

    def needs_normalize(self, type_: AlgebraicType) -> bool:
        """Whether a value may be given in a form that is not yet the engine's (see `Codec.normalize`)."""
        inside = [self.resolve(type_), *(self.resolve(Ref(index)) for index in sorted(self._reachable(type_)))]
        return any(_has_loose_form(part) for part in inside)


def _has_loose_form(type_: AlgebraicType) -> bool:
    if type_ in (Primitive.F32, Primitive.F64) or isinstance(type_, ArrayType):
        return True
    return any(_has_loose_form(child) for child in children(type_))


SPECIAL_WIDTHS: dict[str | None, int] = {
    "Identity": 32,
    "ConnectionId": 16,
    "Timestamp": 8,
    "TimeDuration": 8,
    "Uuid": 16,
    "ScheduleAt": 9,
}
"""Encoded bytes of the special types."""

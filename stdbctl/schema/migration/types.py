"""Types across two versions: refs followed, memory layout, and whether stored values stay readable."""

from collections.abc import Iterator
from dataclasses import dataclass

from stdbctl.sats import (
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
)

_Inside = tuple[int, ...]


def inlined(type_: AlgebraicType, typespace: Typespace, inside: _Inside = ()) -> AlgebraicType:
    """Give a type with its refs followed: equal types are equal wherever they stand in their typespaces.

    Where a type contains itself, `Ref(0)` is the innermost named type around it, `Ref(1)` the one around that, ….
    """
    if isinstance(type_, Ref):
        if type_.index in inside:
            return Ref(inside.index(type_.index))
        return inlined(typespace.types[type_.index], typespace, (type_.index, *inside))
    if isinstance(type_, ArrayType):
        return ArrayType(inlined(type_.element, typespace, inside))
    if isinstance(type_, ProductType):
        return ProductType(tuple(ProductElement(e.name, inlined(e.type, typespace, inside)) for e in type_.elements))
    if isinstance(type_, SumType):
        return SumType(tuple(SumVariant(v.name, inlined(v.type, typespace, inside)) for v in type_.variants))
    return type_


def layout(type_: AlgebraicType) -> tuple[int, int]:
    """The size and alignment that SpacetimeDB gives an inlined type in its row pages.

    Fixed-size primitives have their width as both; text and lists are a 4-byte handle aligned to 2 (so is, here, a type
    inside itself); products are laid out as in C; a sum has its tag in the padding before its payload.
    """
    if isinstance(type_, ProductType):
        return _product_layout(type_)
    if isinstance(type_, SumType):
        layouts = [layout(variant.type) for variant in type_.variants] or [(0, 1)]
        align = max(align for _, align in layouts)
        return align + _aligned(max(size for size, _ in layouts), align), align
    if isinstance(type_, Primitive) and type_ is not Primitive.STRING:
        width = 1 if type_ is Primitive.BOOL else int(type_.name[1:]) // 8
        return width, width
    return 4, 2


def _product_layout(type_: ProductType) -> tuple[int, int]:
    offset, align = 0, 1
    for element in type_.elements:
        size, element_align = layout(element.type)
        offset = _aligned(offset, element_align) + size
        align = max(align, element_align)
    return _aligned(offset, align), align


def _aligned(offset: int, align: int) -> int:
    return -(-offset // align) * align


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeConflict:
    """Why values of `old` are no values of `new`; `detail` ends the sentence and may be empty."""

    old: AlgebraicType
    new: AlgebraicType
    detail: str = ""


def type_conflicts(old: AlgebraicType, new: AlgebraicType) -> Iterator[TypeConflict]:
    """Compare two inlined types: nothing comes when every stored value of `old` is also one of `new`.

    Unions may gain variants at the end where size and alignment stay; nothing else may change.
    """
    if isinstance(old, SumType) and isinstance(new, SumType):
        yield from _sum_conflicts(old, new)
    elif isinstance(old, ProductType) and isinstance(new, ProductType):
        if len(old.elements) != len(new.elements):
            yield TypeConflict(old=old, new=new, detail=", with another number of fields")
        pairs = list(zip(old.elements, new.elements, strict=False))
        if any(old_field.name != new_field.name for old_field, new_field in pairs):
            yield TypeConflict(old=old, new=new, detail=", with a renamed field")
        for old_field, new_field in pairs:
            yield from type_conflicts(old_field.type, new_field.type)
    elif isinstance(old, ArrayType) and isinstance(new, ArrayType):
        yield from type_conflicts(old.element, new.element)
    elif type(old) is not type(new) or (isinstance(old, Primitive | Ref) and old != new):
        yield TypeConflict(old=old, new=new)


def _sum_conflicts(old: SumType, new: SumType) -> Iterator[TypeConflict]:
    if len(old.variants) > len(new.variants):
        yield TypeConflict(old=old, new=new, detail=", with fewer variants")
    pairs = list(zip(old.variants, new.variants, strict=False))
    if any(old_variant.name != new_variant.name for old_variant, new_variant in pairs):
        yield TypeConflict(old=old, new=new, detail=", with a renamed variant")
    for old_variant, new_variant in pairs:
        yield from type_conflicts(old_variant.type, new_variant.type)
    (old_size, old_align), (new_size, new_align) = layout(old), layout(new)
    if old_size != new_size:
        yield TypeConflict(old=old, new=new, detail=f", because its size goes from {old_size} to {new_size} bytes")
    if old_align != new_align:
        yield TypeConflict(old=old, new=new, detail=f", because its alignment goes from {old_align} to {new_align}")

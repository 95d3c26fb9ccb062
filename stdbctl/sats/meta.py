"""Types as values: AlgebraicType is itself a SATS type, so the codecs and SATS-JSON carry types too.

AlgebraicType = Ref(u32) | Sum(SumType) | Product(ProductType) | Array(AlgebraicType) | String | Bool | I8 | … | F64
ProductType = (elements: [(name: Option<String>, algebraic_type)]), SumType = (variants: [(name, algebraic_type)])
Typespace = (types: [AlgebraicType])
"""

from typing import Any  # Any: JSON data, and engine values of AlgebraicType

from stdbctl.sats.codec import compile_codec
from stdbctl.sats.errors import DecodeError
from stdbctl.sats.json_reader import from_json
from stdbctl.sats.json_writer import JsonStyle, to_json
from stdbctl.sats.types import (
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    SumType,
    SumVariant,
    Typespace,
    option,
    product,
    sum_type,
)

_TYPE, _SUM, _PRODUCT, _MEMBER, _TYPESPACE = (Ref(index) for index in range(5))
_COMPOSITES: dict[str, AlgebraicType] = {"Ref": Primitive.U32, "Sum": _SUM, "Product": _PRODUCT, "Array": _TYPE}

META_TYPESPACE = Typespace(
    (
        sum_type(**_COMPOSITES, **{primitive.text: UNIT for primitive in Primitive}),
        product(variants=ArrayType(_MEMBER)),
        product(elements=ArrayType(_MEMBER)),
        product(name=option(Primitive.STRING), algebraic_type=_TYPE),
        product(types=ArrayType(_TYPE)),
    )
)
"""The typespace of types: 0 AlgebraicType, 1 SumType, 2 ProductType, 3 field or variant, 4 Typespace."""

_PRIMITIVES = {primitive.value: primitive for primitive in Primitive}


def type_to_value(type_: AlgebraicType) -> tuple[int, Any]:
    """The engine value of a type, by META_TYPESPACE's `Ref(0)`."""
    match type_:
        case Primitive():
            return type_.value, ()
        case Ref(index):
            return 0, index
        case SumType(variants):
            return 1, (tuple([(v.name, type_to_value(v.type)) for v in variants]),)
        case ProductType(elements):
            return 2, (tuple([(e.name, type_to_value(e.type)) for e in elements]),)
        case ArrayType(element):
            return 3, type_to_value(element)


def type_from_value(value: tuple[int, Any]) -> AlgebraicType:
    """The type that an engine value of META_TYPESPACE's `Ref(0)` stands for."""
    tag, payload = value
    match tag:
        case 0:
            return Ref(payload)
        case 1:
            return SumType(tuple([SumVariant(name, type_from_value(inner)) for name, inner in payload[0]]))
        case 2:
            return ProductType(tuple([ProductElement(name, type_from_value(inner)) for name, inner in payload[0]]))
        case 3:
            return ArrayType(type_from_value(payload))
    return _PRIMITIVES[tag]


def encode_type(type_: AlgebraicType) -> bytes:
    """The BSATN of a type."""
    return compile_codec(_TYPE, META_TYPESPACE).encode(type_to_value(type_))


def decode_type(data: bytes, offset: int = 0) -> tuple[AlgebraicType, int]:
    """Read the BSATN of a type: (type, end). Raises DecodeError."""
    value, end = compile_codec(_TYPE, META_TYPESPACE).decode(data, offset)
    return _checked(type_from_value(value)), end


def encode_typespace(typespace: Typespace) -> bytes:
    """The BSATN of a typespace."""
    return compile_codec(_TYPESPACE, META_TYPESPACE).encode(_typespace_to_value(typespace))


def decode_typespace(data: bytes, offset: int = 0) -> tuple[Typespace, int]:
    """Read the BSATN of a typespace: (typespace, end). Raises DecodeError."""
    (values,), end = compile_codec(_TYPESPACE, META_TYPESPACE).decode(data, offset)
    return Typespace(tuple([_checked(type_from_value(value)) for value in values])), end


def type_to_json(type_: AlgebraicType) -> Any:
    """The JSON data of a type: `{"U64":[]}`, `{"Ref":3}`, `{"Product":{"elements":[…]}}`."""
    return to_json(_TYPE, META_TYPESPACE, type_to_value(type_), JsonStyle.DECLARED)


def type_from_json(data: Any) -> AlgebraicType:
    """Read the JSON data of a type, in any form that SATS-JSON input has. Raises JsonError."""
    return type_from_value(from_json(_TYPE, META_TYPESPACE, data))


def typespace_to_json(typespace: Typespace) -> Any:
    """The JSON data of a typespace: `{"types":[…]}`."""
    return to_json(_TYPESPACE, META_TYPESPACE, _typespace_to_value(typespace), JsonStyle.DECLARED)


def typespace_from_json(data: Any) -> Typespace:
    """Read the JSON data of a typespace. Raises JsonError."""
    (values,) = from_json(_TYPESPACE, META_TYPESPACE, data)
    return Typespace(tuple([type_from_value(value) for value in values]))


def _typespace_to_value(typespace: Typespace) -> tuple[Any, ...]:
    return (tuple([type_to_value(type_) for type_ in typespace.types]),)


def _checked(type_: AlgebraicType) -> AlgebraicType:
    if isinstance(type_, SumType) and len(type_.variants) > 256:
        raise DecodeError(f"a sum type has at most 256 variants, not {len(type_.variants)}")
    return type_

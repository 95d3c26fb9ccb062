"""Types themselves: as text, as bytes, as JSON."""

from typing import Any  # Any: JSON data

import pytest

from stdbctl.sats import (
    BYTES,
    NEVER,
    UNIT,
    AlgebraicType,
    ArrayType,
    DecodeError,
    JsonError,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    Typespace,
    decode_type,
    decode_typespace,
    encode_type,
    encode_typespace,
    option,
    product,
    sum_type,
    type_from_json,
    type_text,
    type_to_json,
    typespace_from_json,
    typespace_to_json,
)

VECTORS: list[tuple[AlgebraicType, str]] = [
    (product(x=Primitive.U32), "0201000000" + "0001000000780b"),
    (option(Primitive.STRING), "0102000000" + "0004000000736f6d6504" + "00040000006e6f6e650200000000"),
    (BYTES, "0307"),
    (Ref(3), "0003000000"),
    (UNIT, "0200000000"),
    (Primitive.F64, "13"),
]


@pytest.mark.parametrize(("type_", "hex_"), VECTORS)
def test_type_has_these_bytes(type_: AlgebraicType, hex_: str) -> None:
    data = bytes.fromhex(hex_)
    assert encode_type(type_) == data
    assert decode_type(b"?" + data + b"?", 1) == (type_, 1 + len(data))


def test_every_primitive_travels_under_its_tag() -> None:
    for primitive in Primitive:
        assert encode_type(primitive) == bytes([primitive.value])
        assert type_to_json(primitive) == {primitive.text: []}


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (Ref(3), {"Ref": 3}),
        (BYTES, {"Array": {"U8": []}}),
        (
            product(x=Primitive.U32),
            {"Product": {"elements": [{"name": {"some": "x"}, "algebraic_type": {"U32": []}}]}},
        ),
        (
            ProductType((ProductElement(None, Primitive.BOOL),)),
            {"Product": {"elements": [{"name": {"none": []}, "algebraic_type": {"Bool": []}}]}},
        ),
        (
            sum_type(A=Primitive.U8),
            {"Sum": {"variants": [{"name": {"some": "A"}, "algebraic_type": {"U8": []}}]}},
        ),
    ],
)
def test_type_has_this_json(type_: AlgebraicType, data: Any) -> None:
    assert type_to_json(type_) == data
    assert type_from_json(data) == type_


def test_typespace_travels() -> None:
    space = Typespace((product(x=Ref(1)), ArrayType(Ref(0))))
    data = encode_typespace(space)
    assert decode_typespace(data) == (space, len(data))
    assert typespace_from_json(typespace_to_json(space)) == space


@pytest.mark.parametrize("hex_", ["14", "03", "03" * 5000 + "07", "0200000001", "02ffffffff"])
def test_bytes_that_are_no_type_are_refused(hex_: str) -> None:
    with pytest.raises(DecodeError):
        decode_type(bytes.fromhex(hex_))


def test_sum_of_more_than_256_variants_is_refused() -> None:
    data = encode_type(sum_type(**{f"v{i}": UNIT for i in range(257)}))
    with pytest.raises(DecodeError, match="at most 256 variants, not 257"):
        decode_type(data)


def test_json_that_is_no_type_is_refused() -> None:
    with pytest.raises(JsonError, match="unknown variant `U7`"):
        type_from_json({"U7": []})


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (Primitive.U256, "U256"),
        (Primitive.STRING, "String"),
        (BYTES, "Array<U8>"),
        (Ref(4), "&4"),
        (UNIT, "()"),
        (NEVER, "(|)"),
        (product(id=Primitive.U8, name=Primitive.STRING), "(id: U8, name: String)"),
        (ProductType((ProductElement(None, Primitive.BOOL),)), "(0: Bool)"),
        (option(Primitive.I8), "(some: I8 | none: ())"),
    ],
)
def test_type_reads_like_this(type_: AlgebraicType, text: str) -> None:
    assert type_text(type_) == text

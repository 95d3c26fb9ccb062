"""Types with many fields, types within many others, and types that are small to say and large to hold."""

from typing import Any  # Any: engine values

import pytest

from stdbctl.sats import (
    UNIT,
    AlgebraicType,
    ArrayType,
    DecodeError,
    EncodeError,
    Primitive,
    Ref,
    Typespace,
    compile_codec,
    option,
    product,
    sum_type,
)

EMPTY = Typespace()


def assert_travels(type_: AlgebraicType, space: Typespace, value: Any) -> None:
    codec = compile_codec(type_, space)
    data = codec.encode(codec.normalize(value))
    assert codec.decode_all(data) == value
    assert codec.decode(b"x" + data, 1) == (value, len(data) + 1)
    assert codec.decode_many(data + data) == ([value, value] if data else [])
    if data:
        with pytest.raises(DecodeError):
            codec.decode_all(data[:-1])


@pytest.mark.parametrize("count", [47, 48, 60, 300])
@pytest.mark.parametrize("field", [Primitive.U32, Primitive.STRING])
def test_products_of_many_fields_travel_wherever_they_stand(count: int, field: AlgebraicType) -> None:
    space = Typespace((product(**{f"f{i}": field for i in range(count)}),))
    value = tuple(range(count)) if field is Primitive.U32 else tuple(str(i) for i in range(count))
    assert_travels(Ref(0), space, value)
    assert_travels(product(a=Ref(0), b=Primitive.U8), space, (value, 1))
    assert_travels(ArrayType(Ref(0)), space, (value, value))
    assert_travels(ArrayType(product(a=Primitive.U8, b=Ref(0))), space, ((1, value), (2, value)))
    assert_travels(option(Ref(0)), space, value)
    assert_travels(sum_type(A=Ref(0), B=UNIT), space, (0, value))


@pytest.mark.parametrize("leaf", [Primitive.U8, Primitive.STRING])
def test_types_that_double_at_each_name_stay_small_as_code(leaf: AlgebraicType) -> None:
    value: Any = (7,) if leaf is Primitive.U8 else ("x",)
    types: list[AlgebraicType] = [product(a=leaf)]
    for level in range(12):
        types.append(product(left=Ref(level), right=Ref(level)))
        value = (value, value)
    space = Typespace(tuple(types))
    assert_travels(Ref(12), space, value)
    assert_travels(ArrayType(Ref(12)), space, (value,))


@pytest.mark.parametrize("levels", [12, 13, 64, 65, 120])
def test_types_within_types_travel_at_any_depth(levels: int) -> None:
    fixed: tuple[AlgebraicType, Any] = (Primitive.U8, 7)
    empty: tuple[AlgebraicType, Any] = (UNIT, ())
    loose: tuple[AlgebraicType, Any] = (Primitive.F32, 0.5)
    for _ in range(levels):
        fixed = product(a=fixed[0], b=Primitive.BOOL), (fixed[1], True)
        empty = product(a=empty[0]), (empty[1],)
        loose = ArrayType(loose[0]), (loose[1],)
    for type_, value in (fixed, empty, loose):
        assert_travels(type_, EMPTY, value)
        assert_travels(ArrayType(type_), EMPTY, (value,) * 3)


@pytest.mark.parametrize("between", [lambda t: t, ArrayType, option, lambda t: ArrayType(option(t))])
def test_what_can_be_written_can_be_read_again(between: Any) -> None:
    space = Typespace((product(next=option(ArrayType(between(Ref(0))))),))
    codec = compile_codec(Ref(0), space)

    def nested(levels: int) -> Any:
        value: Any = (None,)
        for _ in range(levels - 1):
            inner = (value,) if between is not option and isinstance(between(Ref(0)), ArrayType) else value
            value = ((inner,),)
        return value

    assert codec.decode_all(codec.encode(nested(128))) is not None
    for levels in (129, 140, 2_000):
        with pytest.raises(EncodeError, match="nested levels"):
            codec.encode(nested(levels))

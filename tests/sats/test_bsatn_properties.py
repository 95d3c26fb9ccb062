"""What holds for every type and value: random types, recursive ones too, with random values."""

import math
import struct
from typing import Any  # Any: engine values

from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    Codec,
    ConnectionId,
    DecodeError,
    EncodeError,
    Identity,
    JsonStyle,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    ScheduleAt,
    Some,
    SumType,
    SumVariant,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    compile_codec,
    decode_type,
    dumps,
    encode_type,
    from_json,
    loads,
    option,
    option_inner,
    result,
    to_json,
    type_from_json,
    type_to_json,
)

SPACE = Typespace(
    (
        SumType((SumVariant("End", UNIT), SumVariant("Link", Ref(1)))),
        ProductType((ProductElement("value", Primitive.I16), ProductElement("rest", Ref(0)))),
        ProductType((ProductElement("x", Primitive.F32), ProductElement("tags", ArrayType(Primitive.STRING)))),
        option(Ref(2)),
    )
)
MICROS = st.integers(-(2**63), 2**63 - 1)
SPECIALS: dict[AlgebraicType, st.SearchStrategy[Any]] = {
    IDENTITY: st.binary(min_size=32, max_size=32).map(Identity),
    CONNECTION_ID: st.binary(min_size=16, max_size=16).map(ConnectionId),
    UUID: st.integers(0, 2**128 - 1).map(Uuid.from_int),
    TIMESTAMP: MICROS.map(Timestamp),
    TIME_DURATION: MICROS.map(TimeDuration),
    SCHEDULE_AT: MICROS.map(Timestamp).map(ScheduleAt) | MICROS.map(TimeDuration).map(ScheduleAt),
}
BITS = {primitive: int(primitive.name[1:]) for primitive in Primitive if primitive.name[1:].isdigit()}
FLOATS = (Primitive.F32, Primitive.F64)


def _composites(inner: st.SearchStrategy[AlgebraicType]) -> st.SearchStrategy[AlgebraicType]:
    return st.one_of(
        inner.map(ArrayType),
        inner.map(option),
        st.builds(result, inner, inner),
        st.lists(inner, max_size=5).map(
            lambda types: ProductType(tuple(ProductElement(f"f{i}", t) for i, t in enumerate(types)))
        ),
        st.lists(inner, min_size=1, max_size=4).map(
            lambda types: SumType(tuple(SumVariant(f"V{i}", t) for i, t in enumerate(types)))
        ),
    )


TYPES = st.recursive(
    st.sampled_from([*Primitive, *SPECIALS, UNIT, BYTES, Ref(0), Ref(2), Ref(3)]), _composites, max_leaves=8
)


def values(type_: AlgebraicType, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type, as the engine holds them."""
    type_ = SPACE.resolve(type_)
    if isinstance(type_, Primitive):
        return _primitive_values(type_)
    if type_ in SPECIALS:
        return SPECIALS[type_]
    if isinstance(type_, ArrayType):
        if type_ == BYTES:
            return st.binary(max_size=9)
        return st.lists(values(type_.element, depth + 1), max_size=3).map(tuple)
    if isinstance(type_, ProductType):
        return st.tuples(*(values(element.type, depth + 1) for element in type_.elements))
    assert isinstance(type_, SumType)
    inner = option_inner(type_)
    if inner is not None:
        is_nested = isinstance(SPACE.resolve(inner), SumType) and option_inner(SPACE.resolve(inner)) is not None
        some = values(inner, depth + 1)
        return st.none() | (some.map(Some) if is_nested else some)
    variants = list(enumerate(type_.variants))[: 1 if depth > 6 else None]
    return st.one_of([st.tuples(st.just(tag), values(v.type, depth + 1)) for tag, v in variants])


def _primitive_values(type_: Primitive) -> st.SearchStrategy[Any]:
    if type_ is Primitive.BOOL:
        return st.booleans()
    if type_ is Primitive.STRING:
        return st.text(max_size=9)
    if type_ in FLOATS:
        return st.floats(width=32 if type_ is Primitive.F32 else 64, allow_nan=False)
    bits = BITS[type_]
    lowest, highest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if type_.name[0] == "I" else (0, 2**bits - 1)
    return st.integers(lowest, highest)


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[AlgebraicType, Any]:
    type_ = draw(TYPES)
    return type_, draw(values(type_))


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.one_of(*SPECIALS.values()),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.lists(inner, max_size=3) | inner.map(Some),
    max_leaves=6,
)


def codec_of(type_: AlgebraicType) -> Codec:
    return compile_codec(type_, SPACE)


def _has_float(type_: AlgebraicType) -> bool:
    return "F" in repr(type_).replace("'f", "").replace("'F", "") or "Ref" in repr(type_)


@given(typed_values())
def test_what_is_encoded_is_decoded(typed: tuple[AlgebraicType, Any]) -> None:
    type_, value = typed
    codec = codec_of(type_)
    data = codec.encode(value)
    assert codec.decode_all(data) == value
    assert codec.decode(b"?" + data + b"?", 1) == (value, 1 + len(data))
    assert codec.fixed_size in (None, len(data))
    assert codec.normalize(value) == value
    if data:
        assert codec.decode_many(data * 2) == [value] * 2


@given(typed_values())
def test_every_shorter_piece_is_refused(typed: tuple[AlgebraicType, Any]) -> None:
    type_, value = typed
    codec = codec_of(type_)
    data = codec.encode(value)
    for size in range(len(data)):
        try:
            codec.decode_all(data[:size])
        except DecodeError:
            continue
        raise AssertionError(f"{size} of {len(data)} bytes were taken")


@given(TYPES, st.binary(max_size=40))
@settings(max_examples=300)
def test_bytes_decode_to_what_encodes_to_them_or_are_refused(type_: AlgebraicType, data: bytes) -> None:
    codec = codec_of(type_)
    try:
        value, end = codec.decode(data)
    except DecodeError:
        return
    assert end <= len(data)
    if not _has_float(type_):  # a signalling NaN comes back quiet
        assert codec.encode(value) == data[:end]


@given(TYPES, ANYTHING)
@settings(max_examples=300)
def test_any_value_is_refused_or_kept(type_: AlgebraicType, value: Any) -> None:
    codec = codec_of(type_)
    normal = codec.normalize(value)
    try:
        data = codec.encode(normal)
    except EncodeError:
        return
    assert codec.decode_all(data) == normal


@given(typed_values(), st.sampled_from(list(JsonStyle)))
def test_json_reads_back_what_it_wrote(typed: tuple[AlgebraicType, Any], style: JsonStyle) -> None:
    type_, value = typed
    text = dumps(to_json(type_, SPACE, value, style))
    if "null" in text:  # infinities cannot be read back
        return
    assert from_json(type_, SPACE, loads(text)) == value


@given(TYPES)
def test_types_travel_as_bytes_and_as_json(type_: AlgebraicType) -> None:
    data = encode_type(type_)
    assert decode_type(data) == (type_, len(data))
    assert type_from_json(loads(dumps(type_to_json(type_)))) == type_


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_f32_is_written_with_digits_that_read_back_to_it(number: float) -> None:
    data = to_json(Primitive.F32, SPACE, number, JsonStyle.BARE)
    assert struct.pack("<f", data) == struct.pack("<f", number)
    assert len(repr(data)) <= len(repr(number))


@given(st.floats())
def test_floats_keep_their_bits(number: float) -> None:
    codec = codec_of(Primitive.F64)
    back = codec.decode_all(codec.encode(number))
    assert struct.pack("<d", back) == struct.pack("<d", number) or math.isnan(number)

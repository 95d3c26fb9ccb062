"""Values as bytes: known vectors, and what refuses to be encoded or decoded, in which words."""

import math
from collections.abc import Callable
from typing import Any  # Any: engine values

import pytest

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    NEVER,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    DecodeError,
    EncodeError,
    Identity,
    InvalidType,
    Primitive,
    ProductElement,
    ProductType,
    Ref,
    ScheduleAt,
    Some,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    compile_codec,
    option,
    product,
    result,
    sum_type,
)

IDENTITY_HEX = "c200ef884364c1a99be0298dc68f2004e4b97c09d1b1658b7db22f51fb662059"
POINT = product(
    id=Primitive.U64,
    x=Primitive.F32,
    y=Primitive.F32,
    color=Primitive.STRING,
    user=IDENTITY,
    at=TIMESTAMP,
)
POINT_ROW = (7, 1.5, -2.0, "#ff0000", Identity.from_hex(IDENTITY_HEX), Timestamp(5))
COLOR = sum_type(Red=UNIT, Green=UNIT, Blue=UNIT)
SHAPE = sum_type(Dot=UNIT, Circle=Primitive.U16, Label=Primitive.STRING)
TREE = Typespace((product(name=Primitive.STRING, children=ArrayType(Ref(0)), parent=option(Ref(0))),))
CHAIN = Typespace((sum_type(End=UNIT, Link=Ref(1)), product(value=Primitive.U8, rest=Ref(0))))

VECTORS: list[tuple[AlgebraicType, Any, str]] = [
    (Primitive.BOOL, True, "01"),
    (Primitive.I8, -1, "ff"),
    (Primitive.U8, 255, "ff"),
    (Primitive.I16, -2, "feff"),
    (Primitive.U16, 258, "0201"),
    (Primitive.I32, -2, "feffffff"),
    (Primitive.U32, 258, "02010000"),
    (Primitive.I64, -(2**63), "0000000000000080"),
    (Primitive.U64, 2**64 - 1, "ff" * 8),
    (Primitive.I128, -1, "ff" * 16),
    (Primitive.U128, 258, "0201" + "00" * 14),
    (Primitive.I256, -(2**255), "00" * 31 + "80"),
    (Primitive.U256, 258, "0201" + "00" * 30),
    (Primitive.F32, 1.5, "0000c03f"),
    (Primitive.F64, 1.5, "000000000000f83f"),
    (Primitive.F64, -math.inf, "000000000000f0ff"),
    (Primitive.STRING, "héß", "05000000" + "68c3a9c39f"),
    (option(Primitive.U8), 5, "0005"),
    (option(Primitive.U8), None, "01"),
    (option(UNIT), (), "00"),
    (option(UNIT), None, "01"),
    (option(option(Primitive.U8)), None, "01"),
    (option(option(Primitive.U8)), Some(None), "0001"),
    (option(option(Primitive.U8)), Some(5), "000005"),
    (result(Primitive.U8, Primitive.STRING), (1, "no"), "01020000006e6f"),
    (SCHEDULE_AT, ScheduleAt.every(TimeDuration(1000)), "00e803000000000000"),
    (SCHEDULE_AT, ScheduleAt.at(Timestamp(1)), "010100000000000000"),
    (BYTES, b"\1\2", "020000000102"),
    (ArrayType(Primitive.U32), (1, 2), "020000000100000002000000"),
    (ArrayType(Primitive.BOOL), (True, False), "020000000100"),
    (ArrayType(Primitive.STRING), ("a", ""), "02000000010000006100000000"),
    (ArrayType(UNIT), ((), ()), "02000000"),
    (ArrayType(product(a=Primitive.U8, b=Primitive.U16)), ((1, 2), (3, 4)), "02000000010200030400"),
    (ArrayType(COLOR), ((2, ()), (0, ())), "020000000200"),
    (IDENTITY, Identity.from_hex(IDENTITY_HEX), bytes.fromhex(IDENTITY_HEX)[::-1].hex()),
    (CONNECTION_ID, ConnectionId.from_hex("00112233445566778899aabbccddeeff"), "ffeeddccbbaa99887766554433221100"),
    (UUID, Uuid.parse("01888d6e-5c00-7000-8000-000000000000"), "00000000000000800070005c6e8d8801"),
    (TIMESTAMP, Timestamp(-1), "ff" * 8),
    (TIME_DURATION, TimeDuration(2), "0200000000000000"),
    (UNIT, (), ""),
    (ProductType((ProductElement(None, Primitive.U8),)), (9,), "09"),
    (COLOR, (1, ()), "01"),
    (SHAPE, (0, ()), "00"),
    (SHAPE, (1, 258), "010201"),
    (SHAPE, (2, "é"), "0202000000c3a9"),
    (POINT, POINT_ROW, "0700000000000000" "0000c03f" "000000c0" "0700000023666630303030"
     + bytes.fromhex(IDENTITY_HEX)[::-1].hex() + "0500000000000000"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "hex_"), VECTORS)
def test_vector_encodes_and_decodes(type_: AlgebraicType, value: Any, hex_: str) -> None:
    codec = compile_codec(type_)
    data = bytes.fromhex(hex_)
    assert codec.encode(value) == data
    assert codec.decode_all(data) == value
    assert codec.decode(b"\xaa" + data + b"\xbb", 1) == (value, 1 + len(data))
    assert codec.normalize(value) == value


@pytest.mark.parametrize(("type_", "value", "hex_"), VECTORS)
def test_every_shorter_piece_of_a_vector_is_refused(type_: AlgebraicType, value: Any, hex_: str) -> None:
    codec = compile_codec(type_)
    data = bytes.fromhex(hex_)
    for size in range(len(data)):
        with pytest.raises(DecodeError, match="data too short for"):
            codec.decode_all(data[:size])
        with pytest.raises(DecodeError, match="data too short for"):
            codec.decode(data[:size])


@pytest.mark.parametrize(("type_", "value", "hex_"), [v for v in VECTORS if len(v[2]) > 2])
def test_rows_back_to_back_are_read_together(type_: AlgebraicType, value: Any, hex_: str) -> None:
    codec = compile_codec(type_)
    data = bytes.fromhex(hex_)
    assert codec.decode_many(data * 3) == [value] * 3
    assert codec.decode_many(b"") == []
    with pytest.raises(DecodeError):
        codec.decode_many((data * 2)[:-1])


def test_rows_without_bytes_are_not_counted_forever() -> None:
    assert compile_codec(UNIT).decode_many(b"") == []
    with pytest.raises(DecodeError, match="values that take none"):
        compile_codec(UNIT).decode_many(b"\0")


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (Primitive.U8, True, "`value` expects U8 (an int from 0 to 255), got True (bool)"),
        (Primitive.U8, 256, "`value` expects U8 (an int from 0 to 255), got 256 (int)"),
        (Primitive.I256, 2**255, None),
        (Primitive.U128, -1, None),
        (Primitive.U32, 1.0, None),
        (Primitive.BOOL, 1, "`value` expects Bool, got 1 (int)"),
        (Primitive.F32, True, "`value` expects F32 (a float), got True (bool)"),
        (Primitive.F32, 1e300, "`value` expects F32 (a float within its range), got 1e+300 (float)"),
        (Primitive.F64, 10**400, None),
        (Primitive.F64, "1", None),
        (Primitive.STRING, b"x", "`value` expects String (a str), got b'x' (bytes)"),
        (
            Primitive.STRING,
            "a\ud800",
            r"`value` expects String (text without lone surrogates), got '\ud800' at position 1",
        ),
        (BYTES, "x", "`value` expects Array<U8> (bytes), got 'x' (str)"),
        (BYTES, (1, 2), None),
        (BYTES, bytearray(b"x"), None),
        (ArrayType(Primitive.U8), [1], None),
        (ArrayType(Primitive.U16), [1], "`value` expects Array<U16> (a tuple), got [1] (list)"),
        (ArrayType(Primitive.U16), (1, True), "`[1]` expects U16 (an int from 0 to 65535), got True (bool)"),
        (ArrayType(Primitive.U16), (1, 70_000), "`[1]` expects U16 (an int from 0 to 65535), got 70000 (int)"),
        (IDENTITY, ConnectionId.zero(), None),
        (CONNECTION_ID, Identity.zero(), None),
        (IDENTITY, b"x" * 32, None),
        (
            TIMESTAMP,
            TimeDuration(1),
            "`value` expects Timestamp (stdbctl's Timestamp), got TimeDuration.from_micros(1) (TimeDuration)",
        ),
        (TIMESTAMP, Timestamp(2**63), None),
        (SCHEDULE_AT, Timestamp(1), None),
        (UUID, "01888d6e-5c00-7000-8000-000000000000", None),
        (UNIT, (1,), "`value` expects () (a tuple of 0), got 1 values"),
        (UNIT, None, None),
        (POINT, POINT_ROW[:-1], None),
        (POINT, list(POINT_ROW), None),
        (POINT, (*POINT_ROW[:3], 5, *POINT_ROW[4:]), "`color` expects String (a str), got 5 (int)"),
        (product(a=product(b=ArrayType(Primitive.BOOL))), (((True, 3),),), "`a.b[1]` expects Bool, got 3 (int)"),
        (
            ProductType((ProductElement(None, Primitive.U8),)),
            (None,),
            "`[0]` expects U8 (an int from 0 to 255), got None (NoneType)",
        ),
        (SHAPE, (1, -1), "`Circle` expects U16 (an int from 0 to 65535), got -1 (int)"),
        (SHAPE, (3, ()), None),
        (SHAPE, (True, 3), None),
        (SHAPE, "Dot", None),
        (COLOR, (True, ()), None),
        (COLOR, (3, ()), None),
        (COLOR, (0, None), None),
        (COLOR, (), None),
        (NEVER, (0, ()), None),
        (
            option(option(Primitive.U8)),
            5,
            "`value` expects None or Some(value), for an option of an option, got 5 (int)",
        ),
        (option(Primitive.U8), Some(5), None),
    ],
)  # fmt: skip
def test_value_that_does_not_fit_is_refused(type_: AlgebraicType, value: Any, text: str | None) -> None:
    with pytest.raises(EncodeError) as caught:
        compile_codec(type_).encode(value)
    assert text is None or str(caught.value) == text


def test_refusal_names_the_column_first() -> None:
    with pytest.raises(EncodeError) as caught:
        compile_codec(product(a=product(b=Primitive.U8))).encode(((999,),))
    assert caught.value.path == ("a", "b")
    assert (caught.value.expected, caught.value.given) == ("U8 (an int from 0 to 255)", "999 (int)")


def test_long_values_are_cut_in_refusals() -> None:
    with pytest.raises(EncodeError) as caught:
        compile_codec(Primitive.U8).encode("x" * 1000)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("type_", "hex_", "text"),
    [
        (Primitive.U32, "0102", "data too short for u32: Expected 4, given 2"),
        (Primitive.F64, "0102", "data too short for u64: Expected 8, given 2"),
        (Primitive.BOOL, "02", "byte 2 not valid as `bool` (must be 0 or 1)"),
        (product(a=Primitive.U8, b=Primitive.BOOL), "0105", "byte 5 not valid as `bool` (must be 0 or 1)"),
        (ArrayType(Primitive.BOOL), "0200000001ff", "byte 255 not valid as `bool` (must be 0 or 1)"),
        (Primitive.STRING, "02000000c328", "invalid utf8"),
        (Primitive.STRING, "03000000eda080", "invalid utf8"),
        (Primitive.STRING, "0500000061", "data too short for [u8]: Expected 5, given 1"),
        (BYTES, "ffffffff00", "data too short for [u8]: Expected 4294967295, given 1"),
        (ArrayType(Primitive.U64), "ffffffff00", "data too short for u64: Expected 8, given 1"),
        (ArrayType(Primitive.STRING), "ffffffff00", "data too short for u32: Expected 4, given 1"),
        (ArrayType(UNIT), "ffffffff", "4294967295 elements that take no bytes: at most 65536 are taken"),
        (COLOR, "03", "unknown tag 0x3 for sum type (Red: () | Green: () | Blue: ())"),
        (SHAPE, "09", "unknown tag 0x9 for sum type (Dot: () | Circle: U16 | Label: String)"),
        (option(Primitive.U8), "0205", "unknown tag 0x2 for sum type (some: U8 | none: ())"),
        (SCHEDULE_AT, "02" + "00" * 8, None),
        (NEVER, "00", "unknown tag 0x0 for sum type (|)"),
        (Primitive.U8, "0102", "1 bytes left over after a value of 1 bytes"),
    ],
)
def test_bytes_that_are_no_value_are_refused(type_: AlgebraicType, hex_: str, text: str | None) -> None:
    with pytest.raises(DecodeError) as caught:
        compile_codec(type_).decode_all(bytes.fromhex(hex_))
    assert text is None or str(caught.value) == text


def test_offset_past_the_end_is_refused() -> None:
    with pytest.raises(DecodeError, match="data too short for u8: Expected 1, given 0"):
        compile_codec(Primitive.U8).decode(b"1", 5)


def test_recursive_type_carries_a_tree() -> None:
    codec = compile_codec(Ref(0), TREE)
    leaf = ("leaf", (), None)
    tree = ("root", (leaf, ("inner", (leaf,), leaf)), None)
    assert codec.decode_all(codec.encode(tree)) == tree
    assert codec.normalize(("root", [leaf], None)) == ("root", (leaf,), None)
    assert codec.fixed_size is None


def _chain(length: int) -> Any:
    value: Any = (0, ())
    for number in range(length):
        value = (1, (number % 256, value))
    return value


def test_recursion_has_a_limit_in_both_directions() -> None:
    codec = compile_codec(Ref(0), CHAIN)
    deep = _chain(60)
    assert codec.decode_all(codec.encode(deep)) == deep
    with pytest.raises(EncodeError, match="nested levels"):
        codec.encode(_chain(200))
    with pytest.raises(DecodeError, match="nested deeper than 128 levels"):
        codec.decode_all(b"\1\7" * 5000 + b"\0")


def test_type_without_end_is_refused_in_both_directions() -> None:
    endless = compile_codec(Ref(0), Typespace((product(again=Ref(0)),)))
    with pytest.raises(DecodeError, match="nested deeper"):
        endless.decode_all(b"")
    with pytest.raises(EncodeError):
        endless.encode(())


@pytest.mark.parametrize("types", [(), (Ref(1), Ref(0)), (ArrayType(Ref(7)),)])
def test_refs_that_lead_nowhere_are_refused(types: tuple[AlgebraicType, ...]) -> None:
    with pytest.raises(InvalidType):
        compile_codec(Ref(0), Typespace(types))


def test_wide_typespace_stays_small() -> None:
    """Each type holds the one before twice: expanded it would have 2 to the 40 fields."""
    types: list[AlgebraicType] = [product(a=Primitive.STRING)]
    for index in range(40):
        types.append(product(left=option(Ref(index)), right=option(Ref(index))))
    codec = compile_codec(Ref(40), Typespace(tuple(types)))
    assert codec.decode_all(codec.encode((None, None))) == (None, None)


def test_row_of_a_shared_product_is_inlined() -> None:
    space = Typespace((product(x=Primitive.F32, y=Primitive.F32),))
    codec = compile_codec(product(id=Primitive.U32, at=Ref(0)), space)
    assert codec.fixed_size == 12
    assert codec.decode_all(codec.encode((1, (2.0, 3.0)))) == (1, (2.0, 3.0))


@pytest.mark.parametrize(
    ("type_", "size"),
    [(POINT, None), (IDENTITY, 32), (SCHEDULE_AT, 9), (COLOR, 1), (SHAPE, None), (UNIT, 0), (BYTES, None)],
)
def test_fixed_size_is_known(type_: AlgebraicType, size: int | None) -> None:
    assert compile_codec(type_).fixed_size == size


def test_normalize_gives_the_engine_form() -> None:
    type_ = product(
        a=Primitive.F32,
        b=Primitive.F64,
        c=BYTES,
        d=ArrayType(ArrayType(Primitive.F32)),
        e=option(Primitive.F32),
        f=option(option(BYTES)),
        g=sum_type(A=Primitive.F64, B=UNIT),
        h=Primitive.STRING,
    )
    codec = compile_codec(type_)
    given = (0.1, 3, bytearray(b"x"), [[1, 0.1]], 2, Some(bytearray(b"y")), (0, 1), "same")
    narrow = 0.10000000149011612
    made = codec.normalize(given)
    assert made == (narrow, 3.0, b"x", ((1.0, narrow),), 2.0, Some(b"y"), (0, 1.0), "same")
    assert [type(made[i]) for i in (1, 2, 4)] == [float, bytes, float]
    assert codec.decode_all(codec.encode(made)) == made


def test_normalize_leaves_what_does_not_fit_for_encode_to_refuse() -> None:
    codec = compile_codec(product(a=ArrayType(Primitive.F32), b=Primitive.F32))
    assert codec.normalize(([1], True)) == ((1.0,), True)
    assert codec.normalize("nonsense") == "nonsense"
    with pytest.raises(EncodeError, match="`b` expects F32"):
        codec.encode(codec.normalize(([1], True)))


def test_normalize_is_nothing_where_nothing_can_differ() -> None:
    codec = compile_codec(product(a=Primitive.U8, b=IDENTITY, c=option(Primitive.STRING), d=COLOR))
    assert not codec.needs_normalize
    value = object()
    assert codec.normalize(value) is value


def test_codec_of_a_type_is_made_once() -> None:
    assert compile_codec(POINT) is compile_codec(POINT, Typespace())


def test_equal_identities_in_rows_are_one_object() -> None:
    rows = compile_codec(IDENTITY).decode_many(bytes(range(32)) * 2)
    assert rows[0] is rows[1]


@pytest.mark.parametrize("wrap", [ArrayType, option, lambda inner: product(a=inner, b=Primitive.U8)])
def test_deeply_nested_type_compiles(wrap: Callable[[AlgebraicType], AlgebraicType]) -> None:
    type_: AlgebraicType = Primitive.STRING
    for _ in range(60):
        type_ = wrap(type_)
    codec = compile_codec(type_)
    for data in (bytes(4), b"\1", bytes(300)):
        try:
            value, end = codec.decode(data)
        except DecodeError:
            continue
        assert codec.encode(value) == data[:end]


def test_value_that_contains_itself_is_refused() -> None:
    codec = compile_codec(Ref(0), Typespace((ArrayType(Ref(0)),)))
    endless: list[Any] = []
    endless += [endless, endless]
    with pytest.raises(EncodeError):
        codec.encode(codec.normalize(endless))


class Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_value_that_cannot_be_shown_is_refused_all_the_same() -> None:
    for value in (10**5000, Rude()):
        with pytest.raises(EncodeError, match="something that cannot be shown"):
            compile_codec(Primitive.U8).encode(value)


def test_special_value_around_something_else_is_refused() -> None:
    wrong: Any = "01888d6e-5c00-7000-8000-000000000000"
    for type_, value in ((UUID, Uuid(wrong)), (TIMESTAMP, Timestamp(wrong)), (SCHEDULE_AT, ScheduleAt(wrong))):
        with pytest.raises(EncodeError):
            compile_codec(type_).encode(value)

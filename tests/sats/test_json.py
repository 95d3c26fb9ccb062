"""SATS-JSON: what the four writers write, what the lenient reader takes, and in which words it refuses."""

import math
from typing import Any  # Any: JSON data and engine values

import pytest

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
    ConnectionId,
    Identity,
    JsonError,
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
    dumps,
    from_json,
    loads,
    option,
    product,
    sum_type,
    to_json,
)

NOTHING = Typespace()
IDENTITY_HEX = "c200ef884364c1a99be0298dc68f2004e4b97c09d1b1658b7db22f51fb662059"
SHAPE = sum_type(Dot=UNIT, Circle=Primitive.U16)
PAIR = product(x=Primitive.U8, y=Primitive.STRING)

FLAVOURS: list[tuple[Any, ...]] = [
    (PAIR, (1, "é"), '{"x":1,"y":"é"}', '{"x":1,"y":"é"}', '[1,"é"]', '{"x":1,"y":"é"}'),
    (UNIT, (), "[]", "{}", "[]", "{}"),
    (SHAPE, (1, 7), '{"Circle":7}', "[1,7]", "[1,7]", '{"Circle":7}'),
    (SHAPE, (0, ()), '{"Dot":[]}', "[0,{}]", "[0,[]]", '{"Dot":{}}'),
    (option(Primitive.U8), 5, '{"some":5}', "[0,5]", "[0,5]", '{"some":5}'),
    (option(Primitive.U8), None, '{"none":[]}', "[1,{}]", "[1,[]]", '{"none":{}}'),
    (
        option(option(Primitive.U8)),
        Some(None),
        '{"some":{"none":[]}}',
        "[0,[1,{}]]",
        "[0,[1,[]]]",
        '{"some":{"none":{}}}',
    ),
    (
        IDENTITY,
        Identity.from_hex(IDENTITY_HEX),
        *[f'{{"__identity__":"0x{IDENTITY_HEX}"}}'] * 2,
        f'["0x{IDENTITY_HEX}"]',
        f'{{"__identity__":"0x{IDENTITY_HEX}"}}',
    ),
    (
        CONNECTION_ID,
        ConnectionId.from_int(2**127),
        *[f'{{"__connection_id__":{2**127}}}'] * 2,
        f"[{2**127}]",
        f'{{"__connection_id__":{2**127}}}',
    ),
    (
        TIMESTAMP,
        Timestamp(-5),
        *['{"__timestamp_micros_since_unix_epoch__":-5}'] * 2,
        "[-5]",
        '{"__timestamp_micros_since_unix_epoch__":-5}',
    ),
    (
        TIME_DURATION,
        TimeDuration(5),
        *['{"__time_duration_micros__":5}'] * 2,
        "[5]",
        '{"__time_duration_micros__":5}',
    ),
    (UUID, Uuid.from_int(3), *['{"__uuid__":3}'] * 2, "[3]", '{"__uuid__":3}'),
    (
        SCHEDULE_AT,
        ScheduleAt.every(TimeDuration(9)),
        '{"Interval":{"__time_duration_micros__":9}}',
        '[0,{"__time_duration_micros__":9}]',
        "[0,[9]]",
        '{"Interval":{"__time_duration_micros__":9}}',
    ),
    (ArrayType(PAIR), ((1, "a"),), '[{"x":1,"y":"a"}]', '[[1,"a"]]', '[[1,"a"]]', '[{"x":1,"y":"a"}]'),
    (BYTES, b"\x0a\xff", *['"0aff"'] * 4),
    (Primitive.BOOL, True, *["true"] * 4),
    (Primitive.U64, 2**64 - 1, *["18446744073709551615"] * 4),
    (Primitive.I128, -(2**127), *["-170141183460469231731687303715884105728"] * 4),
    (Primitive.U256, 0, *['"0x0"'] * 4),
    (Primitive.U256, 0xAB, *['"0xab"'] * 4),
    (Primitive.I256, -0xAB, *['"-0xab"'] * 4),
    (Primitive.F64, 2.0, *["2.0"] * 4),
    (Primitive.F64, 0.1, *["0.1"] * 4),
    (Primitive.F32, 0.10000000149011612, *["0.1"] * 4),
    (Primitive.F32, 16777216.0, *["16777216.0"] * 4),
    (Primitive.F32, 1.401298464324817e-45, *["1e-45"] * 4),
]


@pytest.mark.parametrize(("type_", "value", "declared", "stored", "bare", "typed"), FLAVOURS)
def test_each_writer_has_its_flavour(
    type_: AlgebraicType, value: Any, declared: str, stored: str, bare: str, typed: str
) -> None:
    wanted = {
        JsonStyle.DECLARED: declared,
        JsonStyle.STORED: stored,
        JsonStyle.BARE: bare,
        JsonStyle.TYPED: typed,
    }
    for style, text in wanted.items():
        assert dumps(to_json(type_, NOTHING, value, style)) == text
        assert from_json(type_, NOTHING, loads(text)) == value


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_without_json_become_null_and_cannot_be_read_back(number: float) -> None:
    for type_ in (Primitive.F32, Primitive.F64):
        assert to_json(type_, NOTHING, number, JsonStyle.BARE) is None
        with pytest.raises(JsonError, match="invalid type: null, expected f"):
            from_json(type_, NOTHING, None)


def test_field_without_a_name_is_written_only_into_lists() -> None:
    type_ = ProductType((ProductElement(None, Primitive.U8),))
    assert to_json(type_, NOTHING, (1,), JsonStyle.BARE) == [1]
    with pytest.raises(JsonError, match="field without a name"):
        to_json(type_, NOTHING, (1,), JsonStyle.DECLARED)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (PAIR, '{"y":"a","x":1}', (1, "a")),
        (PAIR, '[1,"a"]', (1, "a")),
        (UNIT, "[]", ()),
        (UNIT, "{}", ()),
        (ProductType((ProductElement(None, Primitive.U8), ProductElement("b", Primitive.U8))), '{"0":1,"b":2}', (1, 2)),
        (SHAPE, '{"Circle":7}', (1, 7)),
        (SHAPE, '{"1":7}', (1, 7)),
        (SHAPE, "[1,7]", (1, 7)),
        (SHAPE, '["Circle",7]', (1, 7)),
        (SHAPE, '["1",7]', (1, 7)),
        (SumType((SumVariant(None, Primitive.U8),)), "[0,7]", (0, 7)),
        (option(Primitive.U8), "null", None),
        (option(option(Primitive.U8)), '{"some":null}', Some(None)),
        (BYTES, "[1,255]", b"\1\xff"),
        (BYTES, '"0AfF"', b"\x0a\xff"),
        (Primitive.F32, "0.1", 0.10000000149011612),
        (Primitive.F32, "1e300", math.inf),
        (Primitive.F64, "3", 3.0),
        (Primitive.U256, '"0xFF"', 255),
        (Primitive.I256, '"-0xff"', -255),
        (IDENTITY, '["0x1"]', Identity.from_int(1)),
        (SCHEDULE_AT, '{"Time":[5]}', ScheduleAt.at(Timestamp(5))),
    ],
)
def test_lenient_forms_are_read(type_: AlgebraicType, text: str, value: Any) -> None:
    assert from_json(type_, NOTHING, loads(text)) == value


@pytest.mark.parametrize(
    ("type_", "text", "what"),
    [
        (PAIR, '{"x":1}', "missing field `y`"),
        (PAIR, '{"x":1,"y":"a","z":2}', "unknown field `z`, expected `x` or `y`"),
        (PAIR, '{"x":1,"x":1,"y":"a"}', "duplicate field `x`"),
        (PAIR, "[1]", "invalid length 1, expected product type <product> with 2 elements"),
        (PAIR, '[1,"a",3]', "trailing characters"),
        (PAIR, "5", "invalid type: integer `5`, expected a 2-element tuple"),
        (UNIT, '{"a":1}', "unknown field `a`, there are no fields"),
        (SHAPE, '{"Oval":1}', "unknown variant `Oval`, expected `Dot` or `Circle`"),
        (sum_type(A=UNIT, B=UNIT, C=UNIT), '["D",[]]', "unknown variant `D`, expected one of `A`, `B`, or `C`"),
        (SHAPE, '{"2":1}', "unknown tag 0x2 for sum type (Dot: () | Circle: U16)"),
        (SHAPE, "[300,1]", "invalid value: integer `300`, expected a u8 tag"),
        (SHAPE, "[true,1]", "invalid type: boolean `true`, expected variant identifier (string or int)"),
        (SHAPE, "{}", "expected map representing sum type to have exactly one field"),
        (SHAPE, "[1]", "expected seq representing sum type to have exactly two fields"),
        (SHAPE, "[1,7,8]", "trailing characters"),
        (SHAPE, '{"Dot":[],"Circle":1}', "trailing comma"),
        (SHAPE, '"Dot"', 'invalid type: string "Dot", expected sum type'),
        (SHAPE, "null", "invalid type: null, expected sum type"),
        (option(Primitive.U8), "5", "invalid type: integer `5`, expected sum type"),
        (Primitive.U64, '"5"', 'invalid type: string "5", expected u64'),
        (Primitive.U8, "256", "invalid value: integer `256`, expected u8"),
        (Primitive.U8, "-1", "invalid value: integer `-1`, expected u8"),
        (Primitive.U8, "1.0", "invalid type: floating point `1.0`, expected u8"),
        (Primitive.U8, "true", "invalid type: boolean `true`, expected u8"),
        (Primitive.BOOL, "1", "invalid type: integer `1`, expected a boolean"),
        (Primitive.STRING, "[]", "invalid type: sequence, expected a string"),
        (Primitive.STRING, r'"\ud800"', "lone leading surrogate in hex escape"),
        (Primitive.F64, "true", "invalid type: boolean `true`, expected f64"),
        (Primitive.F32, '"1"', 'invalid type: string "1", expected f32'),
        (ArrayType(Primitive.U8), '"0x00"', 'invalid value: string "0x00", expected a byte array or hex string'),
        (BYTES, '"abc"', 'invalid value: string "abc", expected a byte array or hex string'),
        (BYTES, "{}", "invalid type: map, expected a byte array or hex string"),
        (ArrayType(Primitive.U16), "{}", "invalid type: map, expected a vec"),
        (Primitive.U256, "5", "invalid type: integer `5`, expected a string with the u256 in hex after `0x`"),
        (Primitive.U256, '"ff"', 'invalid value: string "ff", expected a string with the u256 in hex after `0x`'),
        (Primitive.U256, '"-0x1"', 'invalid value: string "-0x1", expected a string with the u256 in hex after `0x`'),
    ],
)
def test_json_that_does_not_fit_is_refused(type_: AlgebraicType, text: str, what: str) -> None:
    with pytest.raises(JsonError) as caught:
        from_json(type_, NOTHING, loads(text))
    assert caught.value.what == what


def test_refusal_says_where() -> None:
    type_ = product(points=ArrayType(PAIR))
    with pytest.raises(JsonError) as caught:
        from_json(type_, NOTHING, {"points": [[1, "a"], {"x": 1, "y": 2}]})
    assert caught.value.path == "points[1].y"
    with pytest.raises(JsonError) as caught:
        from_json(ArrayType(PAIR), NOTHING, [[1, 2]])
    assert caught.value.path == "[0][1]"
    with pytest.raises(JsonError) as caught:
        from_json(PAIR, NOTHING, 1)
    assert caught.value.path == "."


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ({"x": 1}, "missing reducer argument `y`"),
        ({"x": 1, "y": "a", "z": 1}, "unknown reducer argument `z`, expected `x` or `y`"),
        ([1], "invalid length 1, expected reducer args for add with 2 elements"),
    ],
)
def test_arguments_of_a_reducer_are_called_so(data: Any, what: str) -> None:
    with pytest.raises(JsonError) as caught:
        from_json(PAIR, NOTHING, data, arguments_of="add")
    assert caught.value.what == what


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "-Infinity", "1e999", "1" * 5000, "[" * 100_000, b"\xff", '"\n"', "1 2"]
)
def test_text_that_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(JsonError):
        loads(text)


def test_data_of_a_recursive_type_may_not_go_too_deep() -> None:
    chain = Typespace((option(ArrayType(Ref(0))),))
    data: Any = None
    for _ in range(100):
        data = {"some": [data]}
    with pytest.raises(JsonError, match="recursion limit exceeded"):
        from_json(Ref(0), chain, data)


def test_text_is_compact_and_keeps_big_integers() -> None:
    assert dumps({"a": [1, 2**200, 1.0, "é\n"]}) == f'{{"a":[1,{2**200},1.0,"é\\n"]}}'
    assert loads(f"[{2**200}]") == [2**200]

"""Words of `stdbctl call`, read by the types of the parameters."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.cli.arguments import WrongArguments, parse_arguments, parse_word
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
    Primitive,
    Ref,
    Typespace,
    from_json,
    option,
    product,
    sum_type,
)
from stdbctl.schema import ModuleDef, ParamDef

EMPTY = Typespace()
IDENTITY_HEX = "c200ef884364c1a99be0298dc68f2004e6b97c09d1b1658b7db22f51fb662059"
COLOR = sum_type(red=UNIT, green=UNIT, mixed=Primitive.U32)
TYPES = Typespace((product(x=Primitive.F32, y=Primitive.F32), COLOR))


def params(**types: AlgebraicType) -> tuple[ParamDef, ...]:
    return tuple(ParamDef(name=name, accessor=name, type=type_) for name, type_ in types.items())


DRAW = params(x=Primitive.F32, y=Primitive.F32, color=Primitive.STRING)


def parsed(words: list[str], wanted: tuple[ParamDef, ...] = DRAW) -> list[Any]:
    return parse_arguments(ModuleDef(typespace=TYPES), "draw", wanted, words)


def refused(words: list[str], wanted: tuple[ParamDef, ...] = DRAW) -> WrongArguments:
    with pytest.raises(WrongArguments) as caught:
        parsed(words, wanted)
    return caught.value


@pytest.mark.parametrize(
    ("type_", "word", "json"),
    [
        (Primitive.STRING, "#ff0000", "#ff0000"),
        (Primitive.STRING, "12", "12"),
        (Primitive.STRING, '"two words"', "two words"),
        (Primitive.STRING, '"', '"'),
        (Primitive.STRING, "", ""),
        (Primitive.BOOL, "true", True),
        (Primitive.BOOL, "False", False),
        (Primitive.U8, "255", 255),
        (Primitive.I32, "-7", -7),
        (Primitive.U32, "0xff", 255),
        (Primitive.U128, str(2**127), 2**127),
        (Primitive.U64, str(2**64 - 1), 2**64 - 1),
        (Primitive.I64, str(-(2**63)), -(2**63)),
        (Primitive.U256, "258", "0x102"),
        (Primitive.I256, "-0x10", "-0x10"),
        (Primitive.F32, "1.5", 1.5),
        (Primitive.F64, "-2", -2.0),
        (Primitive.F64, "1e3", 1000.0),
        (BYTES, "0xC0FFEE", "c0ffee"),
        (BYTES, "c0ffee", "c0ffee"),
        (BYTES, "[1, 2]", [1, 2]),
        (IDENTITY, IDENTITY_HEX, {"__identity__": f"0x{IDENTITY_HEX}"}),
        (IDENTITY, f"0x{IDENTITY_HEX}", {"__identity__": f"0x{IDENTITY_HEX}"}),
        (CONNECTION_ID, "0" * 31 + "5", {"__connection_id__": 5}),
        (TIMESTAMP, "1970-01-01T00:00:01Z", {"__timestamp_micros_since_unix_epoch__": 1_000_000}),
        (TIMESTAMP, "17", {"__timestamp_micros_since_unix_epoch__": 17}),
        (TIME_DURATION, "1.5s", {"__time_duration_micros__": 1_500_000}),
        (TIME_DURATION, "-17", {"__time_duration_micros__": -17}),
        (UUID, "00000000-0000-0000-0000-000000000007", {"__uuid__": 7}),
        (SCHEDULE_AT, "2s", {"Interval": {"__time_duration_micros__": 2_000_000}}),
        (
            SCHEDULE_AT,
            "1970-01-01T00:00:01+00:00",
            {"Time": {"__timestamp_micros_since_unix_epoch__": 1_000_000}},
        ),
        (option(Primitive.U8), "null", None),
        (option(Primitive.U8), "7", {"some": 7}),
        (option(Primitive.STRING), "some text", {"some": "some text"}),
        (option(Primitive.STRING), '{"some": "null"}', {"some": "null"}),
        (Ref(1), "red", {"red": []}),
        (Ref(1), '{"mixed": 3}', {"mixed": 3}),
        (Ref(0), '{"x": 1, "y": 2}', {"x": 1, "y": 2}),
        (Ref(0), "[1, 2]", [1, 2]),
        (ArrayType(Primitive.STRING), '["a", "b"]', ["a", "b"]),
    ],
)
def test_words_become_the_json_of_their_type(type_: AlgebraicType, word: str, json: Any) -> None:
    assert parse_word(type_, word, TYPES) == json
    from_json(type_, TYPES, parse_word(type_, word, TYPES))


@pytest.mark.parametrize(
    ("type_", "word"),
    [
        (Primitive.BOOL, "yes"),
        (Primitive.U8, "1.5"),
        (Primitive.U8, ""),
        (Primitive.U8, "٣"),
        (Primitive.U8, "256"),
        (Primitive.U32, "-1"),
        (Primitive.I64, str(2**63)),
        (Primitive.U256, str(2**256)),
        (Primitive.F32, "one"),
        (Primitive.F32, "nan"),
        (Primitive.F64, "1e999"),
        (BYTES, "xyz"),
        (IDENTITY, "c200"),
        (TIMESTAMP, "yesterday"),
        (TIMESTAMP, "2026-01-01T00:00:00"),
        (TIME_DURATION, "1.5"),
        (UUID, "7"),
        (SCHEDULE_AT, "soon"),
        (Ref(1), "rde"),
        (Ref(1), "mixed"),
        (Ref(0), "1,2"),
        (ArrayType(Primitive.U32), "1"),
    ],
)
def test_other_words_are_refused_with_what_would_do(type_: AlgebraicType, word: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_word(type_, word, TYPES)


def test_arguments_by_position() -> None:
    assert parsed(["1.5", "2", "#ff0000"]) == [1.5, 2.0, "#ff0000"]


def test_arguments_by_name_in_any_order() -> None:
    assert parsed(["color=a=b", "y=2", "x=1"]) == [1.0, 2.0, "a=b"]


def test_a_word_with_an_equals_sign_may_be_a_positional_string() -> None:
    assert parsed(["name=value"], params(text=Primitive.STRING)) == ["name=value"]


def test_source_names_of_parameters_work_too() -> None:
    wanted = (ParamDef(name="user_name", accessor="userName", type=Primitive.STRING),)
    assert parsed(["userName=a"], wanted) == parsed(["user_name=a"], wanted) == ["a"]


def test_wrong_count_shows_the_signature() -> None:
    error = refused(["1"])
    assert error.what == "3 arguments expected, 1 given"
    assert error.why == "the signature is `draw(x: f32, y: f32, color: str)`"
    assert error.fix == "add `y`, `color`"
    assert refused(["1", "2", "light", "red"]).fix == "quote words with spaces"


def test_wrong_word_names_parameter_type_and_word() -> None:
    error = refused(["1", "two", "red"])
    assert error.what == "`y` expects f32, got `two`"
    assert error.fix.startswith("write a finite number")


def test_unknown_name_offers_the_nearest() -> None:
    error = refused(["x=1", "y=2", "colour=red"])
    assert error.what == "no parameter `colour`"
    assert error.fix == "did you mean `color`?"


def test_name_given_twice_is_refused() -> None:
    assert refused(["x=1", "x=2", "y=3", "color=red"]).what == "`x` is given twice"


def test_missing_name_is_said() -> None:
    assert refused(["x=1", "color=red"]).what == "`y` not given"


def test_names_and_positions_do_not_mix() -> None:
    assert "has no name" in refused(["x=1", "2", "color=red"]).what


@given(st.text())
def test_any_text_arrives_as_it_is_unless_it_is_a_json_string(text: str) -> None:
    if not (text.startswith('"') and text.endswith('"')):
        assert parse_word(Primitive.STRING, text, EMPTY) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_arrives_exactly(number: float) -> None:
    arrived = parse_word(Primitive.F64, repr(number), EMPTY)
    assert arrived == number
    assert math.copysign(1, arrived) == math.copysign(1, number)


@given(st.integers())
def test_any_integer_arrives_exactly(number: int) -> None:
    assert parse_word(Primitive.I128, str(number), EMPTY) == number
    assert int(parse_word(Primitive.I256, str(number), EMPTY), 16) == number

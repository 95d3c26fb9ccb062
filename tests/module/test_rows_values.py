"""Values that do not fit: refused with table, column, place inside, expected and given, in the author's words."""

import re
from pathlib import Path

import pytest

from stdbctl.records import DONE, OutcomeKind

from .running import Running, program_of

MODULE = """
import array
import decimal
import enum
from dataclasses import dataclass, field
from typing import Annotated, Any

from stdbctl.module import (
    AutoInc, ConnectionId, Err, Identity, Index, InvalidValue, Ok, Option, PrimaryKey, ReducerContext, Result,
    ScheduleAt, Some, TimeDuration, Timestamp, Uuid, Variant, above, at_most, between, f32, f64, i8, index, reducer,
    table, u8, u64, u256, union,
)


class Mood(enum.Enum):
    CALM = 1
    ODD = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 300


class Word(enum.StrEnum):
    YES = "yes"


class Real(float): ...


class Raw(bytes): ...


@dataclass
class Spot:
    x: f32
    y: f32 = 0.0


@dataclass
class FarSpot(Spot):
    z: f32 = 0.0


class Circle(Variant[f32]): ...


class Group(Variant["list[Shape]"]): ...


class Nothing(Variant[None]): ...


class BigCircle(Circle): ...


Shape = Annotated[Circle | Group | Spot | Nothing, union("Shape")]


@table(indexes=[index("small", "word")], unique=[("word", "big")])
class Thing:
    id: PrimaryKey[AutoInc[u64]] = 0
    small: Index[u8] = 0
    signed: i8 = 0
    big: u256 = 0
    word: str = ""
    ratio: f32 = 0.0
    exact: f64 = 0.0
    flag: bool = False
    data: bytes = b""
    owner: Identity = Identity.from_int(0)
    at: Timestamp = Timestamp(0)
    due: ScheduleAt = field(default_factory=lambda: ScheduleAt.every(TimeDuration(1)))
    key: Uuid = Uuid.from_int(0)
    mood: Index[Mood] = Mood.CALM
    spot: Spot = field(default_factory=lambda: Spot(0.0))
    shape: Shape = field(default_factory=Nothing)
    names: list[str] = field(default_factory=list[str])
    maybe: u8 | None = None
    deep: Option[Option[u8]] = None
    outcome: Result[u8, str] = field(default_factory=lambda: Ok(1))
    nothing: None = None


@reducer
def put(ctx: ReducerContext, code: str) -> None:
    things: Any = ctx.db[Thing]
    print(eval(code))
"""
LONE = r"'\ud800'"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return Running(program_of(tmp_path_factory.mktemp("values"), MODULE))


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("small", "256", "thing.small` expects u8 (0 to 255), got 256 (int)"),
        ("small", "-1", "thing.small` expects u8 (0 to 255), got -1 (int)"),
        ("small", "True", "thing.small` expects u8 (0 to 255), got True (bool)"),
        ("small", "1.0", "thing.small` expects u8 (0 to 255), got 1.0 (float)"),
        ("small", "'7'", "thing.small` expects u8 (0 to 255), got '7' (str)"),
        ("small", "None", "thing.small` expects u8 (0 to 255), got None"),
        ("small", "Level.HIGH", "thing.small` expects u8 (0 to 255), got <Level.HIGH: 300> (Level)"),
        ("signed", "128", "thing.signed` expects i8 (-128 to 127), got 128 (int)"),
        ("big", "2**256", "thing.big` expects u256 (0 to 2**256 - 1), got 1157920892"),
        ("word", "7", "thing.word` expects str, got 7 (int)"),
        ("word", "b'a'", "thing.word` expects str, got b'a' (bytes)"),
        ("word", LONE, "thing.word` expects str (valid Unicode), got the lone surrogate '\\ud800' at position 0"),
        ("ratio", "'1'", "thing.ratio` expects f32 (a float), got '1' (str)"),
        ("ratio", "True", "thing.ratio` expects f32 (a float), got True (bool)"),
        ("ratio", "1e39", "thing.ratio` expects f32 (up to 3.4028235e+38, or infinite), got 1e+39 (float)"),
        ("exact", "10**400", "thing.exact` expects f64 (up to 1.7976931348623157e+308, or infinite), got 1000"),
        ("exact", "decimal.Decimal(1)", "thing.exact` expects f64 (a float), got Decimal('1') (Decimal)"),
        ("flag", "1", "thing.flag` expects bool, got 1 (int)"),
        ("data", "'a'", "thing.data` expects bytes, got 'a' (str)"),
        ("data", "[1, 2]", "thing.data` expects bytes, got [1, 2] (list)"),
        ("owner", "'c200'", "thing.owner` expects Identity, got 'c200' (str)"),
        ("owner", "ConnectionId.zero()", "thing.owner` expects Identity, got ConnectionId.from_hex('0000"),
        ("at", "Timestamp(2**63)", "thing.at.micros` expects i64 (-2**63 to 2**63 - 1), got 9223372036854775808 (int)"),
        ("at", "Timestamp(1.5)", "thing.at.micros` expects i64 (-2**63 to 2**63 - 1), got 1.5 (float)"),
        ("due", "ScheduleAt(7)", "thing.due.value` expects Timestamp or TimeDuration, got 7 (int)"),
        ("key", "Uuid('x')", "thing.key.value` expects uuid.UUID, got 'x' (str)"),
        ("mood", "1", "thing.mood` expects Mood (Mood.CALM or Mood.ODD), got 1 (int)"),
        ("mood", "'CALM'", "thing.mood` expects Mood (Mood.CALM or Mood.ODD), got 'CALM' (str)"),
        ("spot", "(1.0, 2.0)", "thing.spot` expects Spot, got (1.0, 2.0) (tuple)"),
        ("spot", "Spot(x='a')", "thing.spot.x` expects f32 (a float), got 'a' (str)"),
        ("shape", "1.5", "thing.shape` expects Shape (Circle, Group, Spot or Nothing), got 1.5 (float)"),
        ("shape", "Circle(None)", "thing.shape.value` expects f32 (a float), got None"),
        (
            "shape",
            "Group([Nothing(), Group([Circle(1.0), Spot(x=1.0, y='b')])])",
            "thing.shape.value[1].value[1].y` expects f32 (a float), got 'b' (str)",
        ),
        ("shape", "Nothing(1)", "thing.shape.value` expects None, got 1 (int)"),
        ("names", "'abc'", "thing.names` expects list[str], got 'abc' (str)"),
        ("names", "{'a'}", "thing.names` expects list[str], got {'a'} (set)"),
        ("names", "['a', 7]", "thing.names[1]` expects str, got 7 (int)"),
        ("names", "(n for n in 'ab')", "thing.names` expects list[str], got <generator object"),
        ("maybe", "300", "thing.maybe` expects u8 (0 to 255), got 300 (int)"),
        ("maybe", "Some(3)", "thing.maybe` expects u8 (0 to 255), got Some(3) (Some)"),
        ("deep", "3", "thing.deep` expects Option[Option[u8]] (Some(value) or None), got 3 (int)"),
        ("deep", "Some(3)", "thing.deep.value` expects Option[u8] (Some(value) or None), got 3 (int)"),
        ("deep", "Some(Some(-1))", "thing.deep.value.value` expects u8 (0 to 255), got -1 (int)"),
        ("outcome", "1", "thing.outcome` expects Result[u8, str] (Ok(value) or Err(value)), got 1 (int)"),
        ("outcome", "Err(1)", "thing.outcome.value` expects str, got 1 (int)"),
        ("nothing", "0", "thing.nothing` expects None, got 0 (int)"),
    ],
)
def test_wrong_value_is_refused_by_insert_update_and_delete(
    running: Running, column: str, value: str, message: str
) -> None:
    for method in ("insert", "update"):
        outcome = running.call("put", f"things.{method}(Thing(id=1, {column}={value}))")
        assert outcome.kind is OutcomeKind.REFUSED, running.lines
        assert outcome.text.startswith("`" + message), outcome.text
    assert running.rows("thing") == []


def test_row_without_one_of_its_columns_is_refused(running: Running) -> None:
    outcome = running.call("put", "[thing := Thing(), vars(thing).pop('spot'), things.insert(thing)]")
    assert outcome.text == "`thing.spot` expects Spot, got nothing"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("find(id='7')", "`thing.id` expects u64 (0 to 2**64 - 1), got '7' (str)"),
        ("find(id=True)", "`thing.id` expects u64 (0 to 2**64 - 1), got True (bool)"),
        ("find(word=1, big=2)", "`thing.word` expects str, got 1 (int)"),
        ("find(id=between(1, 2))", "`thing.id` expects u64 (0 to 2**64 - 1), got a range, which only `filter`"),
        ("filter(small=300)", "`thing.small` expects u8 (0 to 255), got 300 (int)"),
        ("filter(small=above('a'))", "`thing.small` expects u8 (0 to 255), got 'a' (str)"),
        ("filter(small=1, word=at_most(2))", "`thing.word` expects str, got 2 (int)"),
        ("filter(mood='CALM')", "`thing.mood` expects Mood (Mood.CALM or Mood.ODD), got 'CALM' (str)"),
        ("filter(mood=between(Mood.CALM, 3))", "`thing.mood` expects Mood (Mood.CALM or Mood.ODD), got 3 (int)"),
        ("delete(small=-1)", "`thing.small` expects u8 (0 to 255), got -1 (int)"),
        ("delete(mood=None)", "`thing.mood` expects Mood (Mood.CALM or Mood.ODD), got None"),
        ("delete(Thing(id=-1))", "`thing.id` expects u64 (0 to 2**64 - 1), got -1 (int)"),
    ],
)
def test_wrong_value_to_look_for_is_refused(running: Running, call: str, message: str) -> None:
    outcome = running.call("put", f"things.{call}")
    assert outcome.kind is OutcomeKind.REFUSED, running.lines
    assert outcome.text.startswith(message), outcome.text


def test_refusal_can_be_caught_and_its_parts_read(tmp_path: Path) -> None:
    source = (
        MODULE
        + """
@reducer
def read(ctx: ReducerContext) -> None:
    try:
        ctx.db[Thing].insert(Thing(shape=Group([Circle(1e40)])))
    except InvalidValue as error:
        print(error.table, error.column, error.inside, error.expected, error.given, sep="; ")
"""
    )
    running = Running(program_of(tmp_path, source))
    assert running.call("read") == DONE
    assert running.lines[-1] == ("thing; shape; .value[0].value; f32 (up to 3.4028235e+38, or infinite); 1e+40 (float)")


def test_values_of_subclasses_become_plain(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, MODULE))
    row = "Thing(small=Level.LOW, word=Word.YES, exact=Real(0.5), data=Raw(b'x'), names=[Word.YES], maybe=Level.LOW)"
    assert running.call("put", f"vars(things.insert({row}))") == DONE, running.lines
    for text in ("'small': 1,", "'word': 'yes',", "'exact': 0.5,", "'data': b'x'", "'names': ['yes']", "'maybe': 1,"):
        assert text in running.lines[-1]
    assert running.call("put", "things.find(id=Level.LOW).word + things.find(word=Word.YES, big=0).word") == DONE
    assert running.lines[-1] == "yesyes"
    assert running.call("put", "len(list(things.filter(small=Level.LOW, word=between(Word.YES, Word.YES))))") == DONE
    assert running.lines[-1] == "1"
    assert running.call("put", "things.insert(Thing(big=1, shape=BigCircle(1), spot=FarSpot(1, z=2)))") == DONE
    assert "shape=Circle(1.0)" in running.lines[-1]
    assert "spot=Spot(x=1.0, y=0.0)" in running.lines[-1]
    assert [row[0] for row in running.rows("thing")] == [1, 2]
    assert running.call("put", "things.delete(small=Level.LOW)") == DONE
    assert running.lines[-1] == "1"


def test_other_forms_of_the_same_value_are_taken(running: Running) -> None:
    row = "Thing(ratio=1, exact=2, data=bytearray(b'a'), names=('x', 'y'))"
    assert running.call("put", f"[row := things.insert({row}), row.ratio, row.exact, row.data, row.names][1:]") == DONE
    assert running.lines[-1] == "[1.0, 2.0, b'a', ['x', 'y']]"
    assert running.call("put", "things.delete(small=0)") == DONE


def test_not_a_number_and_both_zeros_are_values_like_others(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, MODULE))
    for number, value in enumerate(("float('nan')", "-0.0", "0.0", "float('-inf')")):
        assert running.call("put", f"things.insert(Thing(big={number}, exact={value}))") == DONE
    assert running.call("put", "[row.exact for row in things]") == DONE
    assert running.lines[-1] == "[nan, -0.0, 0.0, -inf]"
    assert running.call("put", "list(map(things.delete, things))") == DONE
    assert running.lines[-1] == "[True, True, True, True]"


def test_value_that_goes_round_in_circles_is_refused(running: Running) -> None:
    outcome = running.call("put", "[ring := [], ring.append(Group(ring)), things.insert(Thing(shape=Group(ring)))]")
    assert outcome.kind is OutcomeKind.REFUSED, running.lines
    assert re.search("at most 128 nested levels", outcome.text), outcome.text


def test_error_shows_a_huge_value_in_short(running: Running) -> None:
    outcome = running.call("put", "things.insert(Thing(small='x' * 10**7))")
    assert len(outcome.text) < 150
    outcome = running.call("put", "things.insert(Thing(word=[[0] * 10**6] * 10))")
    assert len(outcome.text) < 150
    outcome = running.call("put", "things.insert(Thing(word=10**100000))")
    assert outcome.text == "`thing.word` expects str, got a value that cannot be shown (int)"

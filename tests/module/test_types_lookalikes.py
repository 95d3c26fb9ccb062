"""Named types that happen to have the very form of an option, a result or an identity are what their author says."""

from pathlib import Path

from stdbctl.records import DONE

from .running import Running, program_of

MODULE = """
import enum
from dataclasses import dataclass, field
from typing import Annotated

from stdbctl.module import (
    Option, PrimaryKey, ReducerContext, Some, TimeDuration, Timestamp, Variant, i64, reducer, table, u8, u32, u256,
    union,
)


class Mode(enum.Enum):
    SOME = 1
    NONE = 2


class Status(enum.Enum):
    OK = 1
    ERR = 2


class some(Variant[u8]): ...


class none(Variant[None]): ...


Maybe = Annotated[some | none, union("Maybe")]


class ok(Variant[u8]): ...


class err(Variant[str]): ...


Answer = Annotated[ok | err, union("Answer")]


class Interval(Variant[TimeDuration]): ...


class Time(Variant[Timestamp]): ...


When = Annotated[Interval | Time, union("When")]


@dataclass
class Who:
    __identity__: u256


@dataclass
class Moment:
    __timestamp_micros_since_unix_epoch__: i64


@table()
class Row:
    n: PrimaryKey[u32]
    mode: Mode = Mode.NONE
    status: Status = Status.ERR
    maybe: Maybe = some(3)
    answer: Answer = err("no")
    when: When = Time(Timestamp(5))
    who: Who = field(default_factory=lambda: Who(7))
    moment: Moment = field(default_factory=lambda: Moment(9))
    perhaps: Mode | None = Mode.NONE
    boxed: Option[Maybe] = Some(none())
    several: list[Maybe] = field(default_factory=lambda: [some(1), none()])


@reducer
def put(ctx: ReducerContext, n: u32, mode: Mode, maybe: Maybe, perhaps: Mode | None, who: Who) -> None:
    given = Row(n=n, mode=mode, maybe=maybe, perhaps=perhaps, who=who)
    ctx.db[Row].insert(given)
    found = ctx.db[Row].find(n=n)
    print(found == given, mode, maybe, perhaps, who)


@reducer
def defaults(ctx: ReducerContext) -> None:
    print(ctx.db[Row].insert(Row(n=0)) == Row(n=0))
"""


SOME: dict[str, object] = {"some": []}
NONE: dict[str, object] = {"none": []}
CALLS: tuple[tuple[object, object, object, str], ...] = (
    (SOME, {"some": 7}, NONE, "True Mode.SOME some(7) None Who(__identity__=5)"),
    (NONE, NONE, {"some": NONE}, "True Mode.NONE none() Mode.NONE Who(__identity__=5)"),
    (NONE, NONE, {"some": SOME}, "True Mode.NONE none() Mode.SOME Who(__identity__=5)"),
)


def test_types_that_look_like_options_and_identities_come_back_as_they_were(tmp_path: Path) -> None:
    running = Running(program_of(tmp_path, MODULE))
    assert running.call("defaults") == DONE, running.lines
    assert running.lines[-1] == "True"
    for number, (mode, maybe, perhaps, shown) in enumerate(CALLS, 1):
        assert running.call("put", number, mode, maybe, perhaps, {"__identity__": "0x5"}) == DONE, running.lines
        assert running.lines[-1] == shown

"""Types of every kind, some of which change: the module before the change."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from stdbctl.module import (
    ConnectionId,
    Err,
    Identity,
    Ok,
    Option,
    PrimaryKey,
    ReducerContext,
    Result,
    ScheduleAt,
    Some,
    TimeDuration,
    Timestamp,
    Uuid,
    Variant,
    f32,
    i128,
    init,
    table,
    u8,
    u32,
    u64,
    u256,
    union,
)


class Kind(Enum):
    RED = 1
    BLUE = 2
    GREEN = 3


@dataclass
class Spot:
    x: f32
    y: f32


class Circle(Variant[f32]): ...


class Label(Variant[str]): ...


Shape = Annotated[Circle | Label, union("Shape")]


@table(public=True)
class Thing:
    id: PrimaryKey[u64]
    kind: Kind
    spot: Spot
    shape: Shape
    shapes: list[Shape]
    spots: list[Spot]
    maybe: Spot | None
    nested: Option[Option[u8]]
    outcome: Result[u32, str]
    unit: None
    flag: bool
    raw: bytes
    text: str
    real: float
    big: u256
    small: i128
    who: Identity
    conn: ConnectionId
    at: Timestamp
    span: TimeDuration
    due: ScheduleAt
    uid: Uuid


@init
def fill(ctx: ReducerContext) -> None:
    for number, kind in enumerate(Kind):
        ctx.db[Thing].insert(
            Thing(
                id=number,
                kind=kind,
                spot=Spot(x=1.5, y=2.0),
                shape=Label("17") if number else Circle(1.0),
                shapes=[Circle(2.0), Label("4")],
                spots=[Spot(x=0.0, y=float("-inf"))],
                maybe=Spot(x=3.0, y=4.0) if number else None,
                nested=Some(None),
                outcome=Err("no") if number else Ok(7),
                unit=None,
                flag=True,
                raw=b"\x00\xff",
                text="ü",
                real=0.1,
                big=1 << 255,
                small=-(1 << 100),
                who=ctx.sender,
                conn=ConnectionId.from_int(5),
                at=Timestamp(1),
                span=TimeDuration(-2),
                due=ScheduleAt(Timestamp(3)),
                uid=Uuid.from_int(9),
            )
        )

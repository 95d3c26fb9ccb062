"""Types of every kind, some of which change: the module after the change."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from stdbctl.module import (
    ConnectionId,
    Identity,
    Option,
    PrimaryKey,
    ReducerContext,
    Result,
    ScheduleAt,
    TimeDuration,
    Timestamp,
    Uuid,
    Variant,
    f32,
    i128,
    migration,
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


@dataclass
class Spot:
    x: f32
    z: f32 = 9.0


class Circle(Variant[f32]): ...


class Label(Variant[u64]): ...


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


class V1:
    """The types as they were."""

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


@dataclass
class ThingV1:
    id: u64
    kind: V1.Kind
    spot: V1.Spot
    shape: V1.Shape
    shapes: list[V1.Shape]
    spots: list[V1.Spot]
    maybe: V1.Spot | None
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


def shape_from_v1(old: V1.Shape) -> Shape:
    return Circle(old.value) if isinstance(old, V1.Circle) else Label(int(old.value))


def spot_from_v1(old: V1.Spot) -> Spot:
    return Spot(x=old.x)


@migration(Thing)
def thing_from_v1(ctx: ReducerContext, old: ThingV1) -> Thing | None:
    if old.kind is V1.Kind.GREEN:
        return None
    return Thing(
        id=old.id,
        kind=Kind[old.kind.name],
        spot=spot_from_v1(old.spot),
        shape=shape_from_v1(old.shape),
        shapes=[shape_from_v1(shape) for shape in old.shapes],
        spots=[spot_from_v1(spot) for spot in old.spots],
        maybe=None if old.maybe is None else spot_from_v1(old.maybe),
        nested=old.nested,
        outcome=old.outcome,
        unit=old.unit,
        flag=old.flag,
        raw=old.raw,
        text=old.text,
        real=old.real,
        big=old.big,
        small=old.small,
        who=old.who,
        conn=old.conn,
        at=old.at,
        span=old.span,
        due=old.due,
        uid=old.uid,
    )

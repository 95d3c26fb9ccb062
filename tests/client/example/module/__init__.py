"""The module that `tests/client/example_bindings` are the bindings of."""

import enum
from typing import Annotated

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Timestamp,
    Variant,
    f32,
    reducer,
    table,
    u32,
    u64,
    union,
)


class Color(enum.Enum):
    Red = 0
    Green = 1
    Blue = 2


class Circle(Variant[f32]):
    """A radius."""


class Label(Variant[str]):
    """A text."""


class Nothing(Variant[None]):
    """No shape at all."""


Shape = Annotated[Circle | Label | Nothing, union("Shape")]


@table(public=True)
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    owner: Index[Identity]
    x: f32
    y: f32
    color: Color
    shape: Shape
    note: str | None


@table(public=True, event=True)
class Ping:
    sender: Identity
    at: Timestamp
    tags: list[str]


@table(public=True)
class Tally:
    """Rows without a primary key."""

    name: str
    count: u32


@reducer
def add_point(ctx: ReducerContext, x: f32, y: f32, color: Color, shape: Shape, note: str | None) -> None:
    """Put a point on the board."""
    if x < 0:
        raise ReducerError("x must not be negative")
    ctx.db[Point].insert(Point(owner=ctx.sender, x=x, y=y, color=color, shape=shape, note=note))


@reducer
def move_point(ctx: ReducerContext, id: u64, x: f32) -> None:  # noqa: A002  # the column's name
    """Change where a point is."""
    points = ctx.db[Point]
    point = points.find(id=id)
    if point is None:
        raise ReducerError(f"there is no point {id}")
    point.x = x
    points.update(point)


@reducer
def clear_points(ctx: ReducerContext) -> None:
    """Remove all points of the caller."""
    ctx.db[Point].delete(owner=ctx.sender)


@reducer
def ping(ctx: ReducerContext, tags: list[str]) -> None:
    """Tell everybody that the caller is there."""
    ctx.db[Ping].insert(Ping(sender=ctx.sender, at=ctx.timestamp, tags=tags))


@reducer
def tally(ctx: ReducerContext, name: str, count: u32) -> None:
    """Note a number."""
    ctx.db[Tally].insert(Tally(name=name, count=count))


@reducer
def fail(ctx: ReducerContext) -> None:
    """End with an error that nobody meant."""
    raise RuntimeError("nobody meant this")


@reducer
def add_many(ctx: ReducerContext, count: u32) -> None:
    """Put many points on the board."""
    for number in range(count):
        ctx.db[Point].insert(
            Point(owner=ctx.sender, x=float(number), y=0.5, color=Color.Green, shape=Nothing(), note=None)
        )

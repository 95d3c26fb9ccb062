"""Columns that are not there, and columns that nothing leads to."""

from typing import Annotated

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    NotIndexed,
    PrimaryKey,
    ReducerContext,
    at_least,
    between,
    i32,
    index,
    reducer,
    table,
    table_of,
    u8,
    u64,
)


@table(indexes=[index("x", "y")], unique=[("owner", "label")])
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    owner: Index[Identity]
    label: str
    kind: Annotated[u8, index(algorithm="hash")] = 0
    x: i32 = 0
    y: i32 = 0


Archive = table_of(Point, name="archive")


@reducer
def wrong(ctx: ReducerContext, label: str) -> None:
    points = ctx.db[Point]
    points.find(idd=7)
    points.find(id=7, ownr=ctx.sender, lable=label)
    points.filter(x__gte=3)
    points.filter(colour=3)
    points.delete(Label=label)
    points.find(label=label)
    points.find(kind=1)
    points.find(owner=ctx.sender, kind=1)
    points.filter(y=3)
    points.filter(x=1, kind=2)
    points.delete(label=label)
    points.filter(x=at_least(1), y=3)
    points.filter(x=at_least(1), y=at_least(2))
    points.filter(kind=between(1, 3))
    points.filter(
        y=1,
    )
    ctx.db[Archive].find(idd=7)
    ctx.db[Archive].filter(x=1, y=2)


@reducer
def right(ctx: ReducerContext, label: str) -> None:
    points = ctx.db[Point]
    points.find(id=7)
    points.find(label=label, owner=ctx.sender)
    points.filter(x=1)
    points.filter(y=at_least(3), x=1)
    points.filter(x=between(1, 3))
    points.delete(kind=1)
    ctx.db[Archive].find(id=7)
    try:
        points.filter(y=1)
    except NotIndexed as error:
        print(error)

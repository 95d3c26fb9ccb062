"""Values that a column can never hold."""

from enum import Enum

from stdbctl.module import (
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    Timestamp,
    Unique,
    above,
    at_most,
    between,
    f32,
    i8,
    reducer,
    table,
    u8,
    u64,
)

LIMIT = "many"
LARGE = 2**64


class Kind(Enum):
    RED = 1
    BLUE = 2


class Colour(Enum):
    RED = 1


@table()
class Point:
    id: PrimaryKey[u64]
    owner: Index[Identity]
    kind: Index[Kind]
    level: Index[u8]
    depth: Index[i8]
    name: Unique[str]
    size: Index[f32]
    at: Index[Timestamp]
    note: str | None = None


@reducer
def wrong(ctx: ReducerContext, name: str, number: u64, owner: Identity) -> None:
    points = ctx.db[Point]
    points.find(id="7")
    points.find(id="seven")
    points.find(id=-1)
    points.find(id=LARGE)
    points.find(id=2**64)
    points.find(id=None)
    points.find(id=1.5)
    points.find(id=name)
    points.find(id=f"{number}")
    points.find(id=str(number))
    points.find(name=number)
    points.find(name=b"x")
    points.filter(level=256)
    points.filter(level=True)
    points.filter(level=LIMIT)
    points.filter(level=between("a", 3))
    points.filter(level=above(300))
    points.filter(depth=at_most(-129))
    points.filter(size="large")
    points.filter(kind=1)
    points.filter(kind="RED")
    points.filter(kind=Colour.RED)
    points.filter(owner=name)
    points.filter(owner="c200000000000000")
    points.filter(owner=ctx.timestamp)
    points.filter(at=ctx.sender)
    points.delete(at=0)
    points.find(id=between(1, 3))
    for point in points:
        points.find(id=point.name)
    nobody = "nobody"
    points.filter(owner=nobody)


@reducer
def right(ctx: ReducerContext, name: str, number: u8, owner: Identity) -> None:
    points = ctx.db[Point]
    points.find(id=7)
    points.find(id=2**64 - 1)
    points.find(id=number)
    points.find(id=int(name))
    points.find(name=str(number))
    points.filter(level=number)
    points.filter(level=number + 1)
    points.filter(level=between(0, 255))
    points.filter(depth=-128)
    points.filter(size=1)
    points.filter(size=1.5)
    points.filter(kind=Kind.RED)
    points.filter(owner=owner)
    points.filter(at=ctx.timestamp)
    for point in points:
        points.find(id=point.id)
        points.filter(owner=point.owner)
    number = 3
    points.find(id=number)

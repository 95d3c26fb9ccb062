"""Rows that cannot be made."""

from dataclasses import field

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, f32, reducer, table, u8, u64


@table()
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    level: u8 = 0
    tags: list[str] = field(default_factory=list[str])
    note: str | None = None


@table()
class Own:
    id: PrimaryKey[u64]

    def __init__(self, number: int) -> None:
        self.id = number


@table()
class Marked:
    id: PrimaryKey[u64]
    seen: bool = field(default=False, init=False)


@reducer
def wrong(ctx: ReducerContext, name: str) -> None:
    points = ctx.db[Point]
    points.insert(Point(1, 2))
    points.insert(Point(1, 2, 3, 4, 5, 6, 7))
    points.insert(Point(x=1.0))
    points.insert(Point())
    points.insert(Point(x=1.0, yy=2.0))
    points.insert(Point(x=1.0, y=2.0, colour=3))
    points.insert(Point(x=1.0, y="2.0"))
    points.insert(Point(x=1.0, y=2.0, level=256, note=5))
    points.update(Point(id=-1, x=1.0, y=None))
    row = Point(x=1.0, y=name)
    points.delete(row)
    ctx.db[Marked].insert(Marked(id=1, seen=True))


@reducer
def right(ctx: ReducerContext, values: bytes) -> None:
    points = ctx.db[Point]
    points.insert(Point(x=1, y=2.0))
    points.insert(Point(x=1.0, y=2.0, note=None, tags=["a"]))
    points.insert(Point(**{"x": 1.0}))
    points.insert(Point(x=1.0, **{"y": 2.0}))
    ctx.db[Own].insert(Own(3))
    ctx.db[Marked].insert(Marked(id=1))

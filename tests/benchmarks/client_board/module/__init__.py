"""What the benchmarks of clients look at: a board of points, as large as wanted, whose points move."""

from stdbctl.module import AutoInc, Identity, PrimaryKey, ReducerContext, Timestamp, f32, reducer, table, u32, u64


@table(public=True)
class Point:
    id: PrimaryKey[u64]
    x: f32
    y: f32
    color: str
    owner: Identity
    at: Timestamp


@table(public=True)
class Dot:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32


@reducer
def fill(ctx: ReducerContext, first: u64, count: u32) -> None:
    """Put points in a row; a few colors, as drawings have."""
    for id_ in range(first, first + count):
        color = f"#{id_ % 40 * 6:02x}80ff"
        ctx.db[Point].insert(Point(id=id_, x=id_ % 1000, y=id_ % 777, color=color, owner=ctx.sender, at=ctx.timestamp))


@reducer
def move(ctx: ReducerContext, point: u64, x: f32, y: f32) -> None:
    old = ctx.db[Point].find(id=point)
    assert old is not None
    ctx.db[Point].update(Point(id=point, x=x, y=y, color=old.color, owner=old.owner, at=ctx.timestamp))


@reducer
def add(ctx: ReducerContext, x: f32, y: f32) -> None:
    ctx.db[Dot].insert(Dot(x=x, y=y))

"""A shared whiteboard: everyone connected sees each point as it is drawn."""

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Timestamp,
    f32,
    reducer,
    table,
    u64,
)


@table(public=True)
class Point:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    color: str
    user_id: Index[Identity]
    timestamp: Timestamp


@reducer
def add_point(ctx: ReducerContext, x: f32, y: f32, color: str) -> None:
    """Draw one point in the caller's name."""
    if not color.startswith("#"):
        raise ReducerError("color must look like #RRGGBB")
    ctx.db[Point].insert(Point(x=x, y=y, color=color, user_id=ctx.sender, timestamp=ctx.timestamp))


@reducer
def clear_my_points(ctx: ReducerContext) -> None:
    """Erase every point that the caller drew."""
    ctx.db[Point].delete(user_id=ctx.sender)

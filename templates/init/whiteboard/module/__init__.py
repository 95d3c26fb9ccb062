"""A shared whiteboard: everyone connected sees each point as it is drawn."""

import re

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Timestamp,
    client_connected,
    client_disconnected,
    f32,
    reducer,
    table,
    u32,
    u64,
)


@table(public=True)
class Point:
    """One dot of ink. Points are painted in the order of their ids."""

    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    color: str
    user_id: Index[Identity]
    timestamp: Timestamp
    stroke: u32 = 0
    """A line joins the points that one user drew with the same number; those with 0 stand alone."""


@table(public=True)
class User:
    """Somebody who has the board open, in as many windows as `windows` says."""

    identity: PrimaryKey[Identity]
    windows: u32
    since: Timestamp


@client_connected
def user_joined(ctx: ReducerContext) -> None:
    """Count the window that was just opened."""
    user = ctx.db[User].find(identity=ctx.sender)
    if user is None:
        ctx.db[User].insert(User(identity=ctx.sender, windows=1, since=ctx.timestamp))
    else:
        user.windows += 1
        ctx.db[User].update(user)


@client_disconnected
def user_left(ctx: ReducerContext) -> None:
    """Forget the user with their last window."""
    user = ctx.db[User].find(identity=ctx.sender)
    if user is None:
        return
    if user.windows > 1:
        user.windows -= 1
        ctx.db[User].update(user)
    else:
        ctx.db[User].delete(user)


@reducer
def add_point(ctx: ReducerContext, x: f32, y: f32, color: str) -> None:
    """Draw one point in the caller's name."""
    insert_point(ctx, x, y, color, stroke=0)


@reducer
def extend_stroke(ctx: ReducerContext, x: f32, y: f32, color: str, stroke: u32) -> None:
    """Draw one point that a line joins to the stroke's previous one; the first one begins the stroke."""
    insert_point(ctx, x, y, color, stroke)


@reducer
def clear_my_points(ctx: ReducerContext) -> None:
    """Erase every point that the caller drew."""
    ctx.db[Point].delete(user_id=ctx.sender)


def insert_point(ctx: ReducerContext, x: float, y: float, color: str, stroke: int) -> None:
    """What both ways of drawing do: check the color, add the row."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise ReducerError("color must look like #RRGGBB")
    point = Point(x=x, y=y, color=color, user_id=ctx.sender, timestamp=ctx.timestamp, stroke=stroke)
    ctx.db[Point].insert(point)

"""A shared whiteboard: everyone connected sees each point as it is drawn."""

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
    """One dot of ink."""

    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    color: str
    user_id: Index[Identity]
    timestamp: Timestamp


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
    if len(color) != 7 or not color.startswith("#"):
        raise ReducerError("color must look like #RRGGBB")
    ctx.db[Point].insert(Point(x=x, y=y, color=color, user_id=ctx.sender, timestamp=ctx.timestamp))


@reducer
def clear_my_points(ctx: ReducerContext) -> None:
    """Erase every point that the caller drew."""
    ctx.db[Point].delete(user_id=ctx.sender)

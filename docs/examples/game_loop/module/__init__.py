"""Coins: players run about a field and pick up what falls there. The server moves everybody, ten times a second."""

from stdbctl.module import (
    AutoInc,
    ConnectionId,
    Identity,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    ScheduleAt,
    TimeDuration,
    client_disconnected,
    f32,
    i8,
    reducer,
    table,
    u32,
    u64,
)

WIDTH, HEIGHT = 60, 18
TICK_S = 0.1
PLAYER_SPEED = 1.0
"""Units per tick."""
COINS_MAX = 6


@table(public=True)
class Player:
    """Somebody who plays now."""

    identity: PrimaryKey[Identity]
    connection_id: ConnectionId
    name: str
    x: f32
    y: f32
    dx: i8 = 0
    dy: i8 = 0
    score: u32 = 0


@table(public=True)
class Coin:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32


@table()
class Tick:
    """One row while anybody plays: it has `tick` called."""

    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt


@reducer
def join(ctx: ReducerContext, name: str) -> None:
    """Come into the game, in the middle of the field."""
    if not (name.isascii() and name.isalnum() and len(name) <= 12):
        raise ReducerError("a name has 1 to 12 letters and digits, A to Z and 0 to 9")
    if ctx.connection_id is None:
        raise ReducerError("join over a connection: its end tells the others that you left")
    ctx.db[Player].delete(identity=ctx.sender)
    player = Player(
        identity=ctx.sender, connection_id=ctx.connection_id, name=name, x=float(WIDTH // 2), y=float(HEIGHT // 2)
    )
    ctx.db[Player].insert(player)
    if len(ctx.db[Tick]) == 0:
        ctx.db[Tick].insert(Tick(scheduled_at=ScheduleAt.every(TimeDuration.seconds(TICK_S))))


@reducer
def steer(ctx: ReducerContext, dx: i8, dy: i8) -> None:
    """Run in a direction, each part of it -1, 0 or 1, until told otherwise."""
    player = ctx.db[Player].find(identity=ctx.sender)
    if player is None:
        raise ReducerError("join first")
    if not (-1 <= dx <= 1 and -1 <= dy <= 1):
        raise ReducerError("a direction is made of -1, 0 and 1")
    player.dx, player.dy = dx, dy
    ctx.db[Player].update(player)


@client_disconnected
def leave(ctx: ReducerContext) -> None:
    """Forget the player, unless they are back over a newer connection."""
    player = ctx.db[Player].find(identity=ctx.sender)
    if player is not None and player.connection_id == ctx.connection_id:
        ctx.db[Player].delete(player)


@reducer(schedule=Tick)
def tick(ctx: ReducerContext, row: Tick) -> None:
    """Move everybody, give away coins that are reached, let new ones fall. It stops when nobody plays."""
    for player in ctx.db[Player]:
        x = min(max(player.x + player.dx * PLAYER_SPEED, 0), WIDTH - 1)
        y = min(max(player.y + player.dy * PLAYER_SPEED, 0), HEIGHT - 1)
        found = [coin for coin in ctx.db[Coin] if abs(coin.x - x) < 1 and abs(coin.y - y) < 1]
        for coin in found:
            ctx.db[Coin].delete(coin)
        if found or (x, y) != (player.x, player.y):
            player.x, player.y, player.score = x, y, player.score + len(found)
            ctx.db[Player].update(player)
    if len(ctx.db[Player]) == 0:
        ctx.db[Tick].delete(row)
    elif len(ctx.db[Coin]) < COINS_MAX and ctx.random.random() < 0.2:
        coin = Coin(x=float(ctx.random.randrange(WIDTH)), y=float(ctx.random.randrange(HEIGHT)))
        ctx.db[Coin].insert(coin)

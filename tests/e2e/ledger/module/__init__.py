"""A ledger whose three tables must agree at all times, and a list of who is connected."""

from stdbctl.module import (
    ConnectionId,
    PrimaryKey,
    ReducerContext,
    client_connected,
    client_disconnected,
    reducer,
    table,
    u32,
    u64,
)


@table(public=True)
class Entry:
    id: PrimaryKey[u64]
    client: u32


@table(public=True)
class Mirror:
    id: PrimaryKey[u64]
    client: u32


@table(public=True)
class Total:
    client: PrimaryKey[u32]
    entries: u64


@table(public=True)
class Online:
    connection: PrimaryKey[ConnectionId]


@client_connected
def joined(ctx: ReducerContext) -> None:
    if ctx.connection_id is not None:
        ctx.db[Online].insert(Online(connection=ctx.connection_id))


@client_disconnected
def left(ctx: ReducerContext) -> None:
    if ctx.connection_id is not None:
        ctx.db[Online].delete(Online(connection=ctx.connection_id))


@reducer
def record(ctx: ReducerContext, client: u32, number: u64) -> None:
    """Write one entry, its mirror and the client's total: all three or none."""
    ctx.db[Entry].insert(Entry(id=number, client=client))
    ctx.db[Mirror].insert(Mirror(id=number, client=client))
    total = ctx.db[Total].find(client=client)
    if total is None:
        ctx.db[Total].insert(Total(client=client, entries=1))
    else:
        total.entries += 1
        ctx.db[Total].update(total)

"""What the server's tests publish: public and private tables, every outcome of a call, and who is there."""

from stdbctl.module import (
    AutoInc,
    ConnectionId,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    client_connected,
    client_disconnected,
    init,
    reducer,
    table,
    u32,
    u64,
)


@table(public=True)
class Note:
    id: PrimaryKey[AutoInc[u64]] = 0
    author: Index[Identity]
    text: str


@table()
class Secret:
    id: PrimaryKey[u32]
    text: str


@table(public=True)
class Online:
    connection: PrimaryKey[ConnectionId]


@table(public=True)
class Banned:
    identity: PrimaryKey[Identity]


@init
def setup(ctx: ReducerContext) -> None:
    ctx.db[Secret].insert(Secret(id=1, text="hidden"))


@client_connected
def joined(ctx: ReducerContext) -> None:
    if ctx.db[Banned].find(identity=ctx.sender) is not None:
        raise ReducerError("you are banned")
    assert ctx.connection_id is not None
    ctx.db[Online].insert(Online(connection=ctx.connection_id))


@client_disconnected
def left(ctx: ReducerContext) -> None:
    assert ctx.connection_id is not None
    ctx.db[Online].delete(connection=ctx.connection_id)


@reducer
def write(ctx: ReducerContext, text: str) -> None:
    if not text:
        raise ReducerError("a note needs text")
    ctx.db[Note].insert(Note(author=ctx.sender, text=text))


@reducer
def clear(ctx: ReducerContext) -> None:
    ctx.db[Note].delete(author=ctx.sender)


@reducer
def ban(ctx: ReducerContext, identity: Identity) -> None:
    ctx.db[Banned].insert(Banned(identity=identity))


@reducer
def crash(ctx: ReducerContext) -> None:
    ctx.db[Note].insert(Note(author=ctx.sender, text="never kept"))
    raise RuntimeError("a bug of the author")


@reducer
def spin(ctx: ReducerContext) -> None:
    ctx.db[Note].insert(Note(author=ctx.sender, text="never kept either"))
    while True:
        pass


@reducer
def deaf(ctx: ReducerContext) -> None:
    ctx.db[Note].insert(Note(author=ctx.sender, text="nor this"))
    sum(range(10**14))


@reducer(private=True)
def upkeep(ctx: ReducerContext) -> None:
    print("upkeep done")

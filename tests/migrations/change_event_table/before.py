"""An event table has other columns: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, init, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(name=name))


@table(public=True, event=True)
class Shot:
    x: u8

"""A wider number: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(name=name))

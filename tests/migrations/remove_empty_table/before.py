"""A table without rows goes: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(name=name))


@table(public=True)
class Old:
    id: PrimaryKey[u32]

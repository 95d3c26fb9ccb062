"""What two rows share is to be unique: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "ann"):
        ctx.db[Player].insert(Player(name=name))

"""Another table name, and a function that moves and replaces indexed columns: the module before the change."""

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, Unique, init, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: Unique[str]
    team: Index[u8]


@init
def fill(ctx: ReducerContext) -> None:
    for name, team in (("ann", 1), ("bob", 2)):
        ctx.db[Player].insert(Player(name=name, team=team))

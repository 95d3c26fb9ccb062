"""An index is called otherwise by generated clients: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, index, init, table, u32


@table(public=True, indexes=[index("name", name="place")])
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(name=name))

"""A counter that would give numbers which rows hold: the module before the change."""

from stdbctl.module import PrimaryKey, ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for number, name in enumerate(("ann", "bob")):
        ctx.db[Player].insert(Player(id=number + 1, name=name))

"""Rows become their own keys: the module before the change."""

from stdbctl.module import PrimaryKey, ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for number, name in enumerate(("ann", "bob")):
        ctx.db[Player].insert(Player(id=number, name=name))

"""A column with different values becomes the key: the module before the change."""

from stdbctl.module import ReducerContext, init, table, u32


@table(public=True)
class Player:
    id: u32
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for number, name in enumerate(("ann", "bob")):
        ctx.db[Player].insert(Player(id=9 - number, name=name))

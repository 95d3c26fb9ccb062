"""A column for rows that are their own key: the module before the change."""

from stdbctl.module import ReducerContext, init, table


@table(public=True)
class Player:
    name: str


@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob"):
        ctx.db[Player].insert(Player(name=name))

"""Two columns exchange their names: the module before the change."""

from stdbctl.module import Index, ReducerContext, init, table, u32


@table(public=True)
class Spot:
    x: Index[u32]
    y: u32


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Spot].insert(Spot(x=1, y=2))

"""Other reducers over the same tables: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, reducer, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1


@reducer
def new(ctx: ReducerContext, amount: u32) -> None:
    pass

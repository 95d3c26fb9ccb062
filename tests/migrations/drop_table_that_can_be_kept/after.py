"""Nothing is lost for nothing: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, reducer, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1


@reducer
def more(ctx: ReducerContext) -> None:
    pass

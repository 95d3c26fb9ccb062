from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64


@table()
class Player:
    id: PrimaryKey[u64
    name: str


@reducer
def add(ctx: ReducerContext, name: str) -> None: ...

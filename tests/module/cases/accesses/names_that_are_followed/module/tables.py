from stdbctl.module import PrimaryKey, ReducerContext, table, u64


@table()
class Point:
    id: PrimaryKey[u64]
    name: str


@table()
class Player:
    id: PrimaryKey[u64]


def helper(context: ReducerContext) -> None:
    context.db[Player].delete(idd=15)

from stdbctl.module import PrimaryKey, table, u64


@table(public=True)
class Player:
    id: PrimaryKey[u64]

from stdbctl.module import PrimaryKey, table, u64


@table()
class Player:
    id: PrimaryKey[u46]


RATE = 60 / 0

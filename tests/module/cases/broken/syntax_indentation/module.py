from stdbctl.module import PrimaryKey, table, u64


@table()
class Player:
    id: PrimaryKey[u64]
      name: str

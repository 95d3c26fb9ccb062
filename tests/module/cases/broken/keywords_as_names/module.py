from stdbctl.module import PrimaryKey, table, u64


@table()
class Flight:
    id: PrimaryKey[u64]
    from: str
    to: str

from stdbctl.module import PrimaryKey, table, u64


@table()
class Point:
    id: PrimaryKey[u64]

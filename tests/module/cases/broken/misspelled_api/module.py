from stdbctl.module import PrimaryKey, reducr, table, u64


@table(public=True)
class Point:
    id: PrimaryKey[u64]
    x: u46

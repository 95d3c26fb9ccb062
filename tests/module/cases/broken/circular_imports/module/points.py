from stdbctl.module import PrimaryKey, table, u64

from .players import Player


@table()
class Point:
    id: PrimaryKey[u64]

from stdbctl.module import PrimaryKey, table, u64

from .points import Point


@table()
class Player:
    id: PrimaryKey[u64]
    home: Unknown

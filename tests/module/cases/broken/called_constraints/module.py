"""Constraints with round brackets where square ones belong."""

from stdbctl.module import Index, PrimaryKey, table, u64


@table()
class Player:
    id: PrimaryKey(u64)
    name: Index[str]

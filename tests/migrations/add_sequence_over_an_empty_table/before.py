"""A counter for a table without rows: the module before the change."""

from stdbctl.module import PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    name: str

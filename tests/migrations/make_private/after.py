"""A table that is hidden from now on: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table()
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

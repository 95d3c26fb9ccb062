"""A column that is not at the end: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    level: u32 = 3
    name: str
    team: u32 = 1

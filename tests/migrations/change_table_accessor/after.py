"""The class has another name, the table not: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table(public=True, name="player")
class Gamer:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

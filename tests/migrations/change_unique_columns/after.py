"""Another set of columns is unique: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table(public=True, unique=[("id", "team")])
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

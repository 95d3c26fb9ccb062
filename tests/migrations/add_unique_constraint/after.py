"""What no two rows share becomes unique: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, Unique, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: Unique[str]
    team: u32 = 1

"""A wider number: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32, u64


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u64 = 1

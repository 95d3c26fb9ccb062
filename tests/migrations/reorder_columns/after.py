"""Columns in another order: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    team: u32 = 1
    name: str

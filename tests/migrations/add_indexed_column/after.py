"""A column and an index over it, while the counter goes on: the module after the change."""

from stdbctl.module import AutoInc, Index, PrimaryKey, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: Index[u8] = 3

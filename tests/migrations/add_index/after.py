"""An index over rows: the module after the change."""

from stdbctl.module import AutoInc, Index, PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: Index[u32] = 1

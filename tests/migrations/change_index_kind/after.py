"""An ordered index becomes one by hash: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, index, table, u32


@table(public=True, indexes=[index("name", algorithm="hash")])
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

"""An index is called otherwise by generated clients: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, index, table, u32


@table(public=True, indexes=[index("name", name="by_name")])
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

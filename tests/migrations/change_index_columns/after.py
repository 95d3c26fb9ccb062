"""An index over other columns: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, index, table, u32


@table(public=True, indexes=[index("name", "team", name="place")])
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1

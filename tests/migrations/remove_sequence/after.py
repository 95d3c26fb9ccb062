"""Numbers are given by hand from now on: the module after the change."""

from stdbctl.module import PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    name: str
    team: u32 = 1

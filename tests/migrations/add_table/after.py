"""Another table: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, Unique, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u32 = 1


@table(public=True)
class Prize:
    id: PrimaryKey[u32]
    name: Unique[str]

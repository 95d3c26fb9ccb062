"""Two columns under other names, one of them a key that counts up: the module after the change."""

from stdbctl.module import AutoInc, Index, PrimaryKey, Unique, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    login: Unique[str]
    side: Index[u32]
    score: u32
    note: str = "new"

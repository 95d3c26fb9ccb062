"""Columns at the end, each with a default: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    score: u32 = 7
    note: str | None = None

"""A table that would keep no rows any more: the module after the change."""

from stdbctl.module import table, u32


@table(public=True, event=True)
class Player:
    id: u32 = 0
    name: str
    team: u32 = 1

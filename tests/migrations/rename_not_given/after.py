"""A column and a table under other names, and nobody says so: the module after the change."""

from stdbctl.module import table, u32


@table(public=True)
class Player:
    name: str
    side: u32

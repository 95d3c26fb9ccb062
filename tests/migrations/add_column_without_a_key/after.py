"""A column for rows that are their own key: the module after the change."""

from stdbctl.module import table, u8


@table(public=True)
class Player:
    name: str
    score: u8 = 1

"""Renames with wrong names: the module after the change."""

from stdbctl.module import table, u32


@table(public=True)
class Player:
    name: str
    side: u32
    score: u32

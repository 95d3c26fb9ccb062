"""Rows become their own keys: the module after the change."""

from stdbctl.module import table, u32


@table(public=True)
class Player:
    id: u32
    name: str

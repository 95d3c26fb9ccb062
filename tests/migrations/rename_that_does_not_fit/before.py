"""Renames with wrong names: the module before the change."""

from stdbctl.module import ReducerContext, init, table, u32


@table(public=True)
class Player:
    name: str
    team: u32
    score: u32


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Player].insert(Player(name="ann", team=1, score=7))

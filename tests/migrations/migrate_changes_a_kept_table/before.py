"""A function changes a table that the deploy leaves as it is: the module before the change."""

from stdbctl.module import ReducerContext, init, table, u8, u32


@table(public=True)
class Player:
    name: str
    score: u32


@table(public=True)
class Team:
    number: u8


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Player].insert(Player(name="ann", score=7))
    ctx.db[Team].insert(Team(number=1))

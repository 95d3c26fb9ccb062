"""A function changes a table that the deploy leaves as it is: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import ReducerContext, migration, table, u8, u32


@table(public=True)
class Player:
    name: str


@table(public=True)
class Team:
    number: u8


@dataclass
class PlayerV1:
    name: str
    score: u32


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    assert [team.number for team in ctx.db[Team]] == [1]
    ctx.db[Team].insert(Team(number=2))
    return Player(name=old.name)

"""A column moves into a table of its own: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, Unique, migration, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: Unique[str]
    score: u32


@table(public=True)
class Member:
    id: PrimaryKey[AutoInc[u32]] = 0
    team: u8
    player: u32


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
    score: u32


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    ctx.db[Member].insert(Member(team=old.team, player=old.id))
    return Player(id=old.id, name=old.name, score=old.score)

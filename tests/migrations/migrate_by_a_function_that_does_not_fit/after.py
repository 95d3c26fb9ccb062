"""No function takes the columns that are stored: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, migration, table, u16, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: str
    team: u16


@dataclass
class PlayerV0:
    id: u32
    login: str


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u16
    score: u32


@migration(Player)
def player_from_v0(ctx: ReducerContext, old: PlayerV0) -> Player:
    return Player(id=old.id, name=old.login, team=0)


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    return Player(id=old.id, name=old.name, team=old.team)

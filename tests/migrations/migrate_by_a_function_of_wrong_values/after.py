"""A function returns a value that does not fit its column: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, migration, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    score: u8


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
    score: u32


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    return Player(id=old.id, score=old.score * 100)

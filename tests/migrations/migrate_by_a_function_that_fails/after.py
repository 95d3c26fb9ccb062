"""A function fails at a row: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, migration, table, u8, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    side: str


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
    score: u32


SIDES = {1: "red", 2: "blue"}


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    return Player(id=old.id, side=SIDES[old.team])

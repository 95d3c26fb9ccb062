"""A function makes two rows of one key: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, migration, table, u8, u32


@table(public=True)
class Player:
    half: PrimaryKey[u32]
    name: str


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
    score: u32


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player:
    return Player(half=old.id // 2, name=old.name)

"""Columns that go, change their type, change places and come without default: the module after the change."""

from dataclasses import dataclass
from enum import Enum

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, Unique, f64, migration, table, u8, u32


class Side(Enum):
    RED = 1
    BLUE = 2


@table(public=True)
class Player:
    name: Unique[str]
    id: PrimaryKey[AutoInc[u32]] = 0
    side: Index[Side]
    score: f64
    level: u8


@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
    score: u32


@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player | None:
    if old.team not in (1, 2):
        return None
    return Player(id=old.id, name=old.name.upper(), side=Side(old.team), score=old.score / 2, level=old.id)

"""Another table name, and a function that moves and replaces indexed columns: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, Unique, migration, table, u8, u32


@table(public=True, was="player")
class Gamer:
    name: Unique[str]
    id: PrimaryKey[AutoInc[u32]] = 0
    side: Index[u32]


@dataclass
class GamerV1:
    """The stored columns."""

    id: u32
    name: str
    team: u8


@migration(Gamer)
def gamer_from_v1(ctx: ReducerContext, old: GamerV1) -> Gamer:
    return Gamer(id=old.id, name=old.name, side=old.team * 100)

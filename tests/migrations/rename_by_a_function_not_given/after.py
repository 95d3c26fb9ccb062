"""Another table name that nobody gave, though a function fits: the module after the change."""

from dataclasses import dataclass

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, Unique, migration, table, u8, u32


@table(public=True)
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

"""An enum inside a record and a list gains a variant: the module before the change."""

import enum
from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, init, table, u32


class Kind(enum.Enum):
    RED = 0
    BLUE = 1


@dataclass(frozen=True)
class Part:
    kind: Kind
    others: list[Kind]


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    part: Part


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Player].insert(Player(id=1, part=Part(kind=Kind.BLUE, others=[Kind.RED, Kind.BLUE])))

"""An enum gains a variant at the end: the module before the change."""

import enum

from stdbctl.module import PrimaryKey, ReducerContext, init, table, u32


class Kind(enum.Enum):
    RED = 0
    BLUE = 1


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    kind: Kind


@init
def fill(ctx: ReducerContext) -> None:
    for number, kind in enumerate((Kind.RED, Kind.BLUE)):
        ctx.db[Player].insert(Player(id=number, kind=kind))

"""A file uses another file's table without importing it."""

from stdbctl.module import ReducerContext, reducer

from . import players


@reducer
def add(ctx: ReducerContext, player: Player) -> None:
    ctx.db[Player].insert(player)

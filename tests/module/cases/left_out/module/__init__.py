"""Some files are imported, some are not."""

from stdbctl.module import ReducerContext, reducer

from . import points


@reducer
def add(ctx: ReducerContext) -> None:
    ctx.db[points.Point].insert(points.Point(id=1))

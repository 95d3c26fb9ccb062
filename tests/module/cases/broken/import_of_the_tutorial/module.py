"""As it stands in tutorials of other languages."""

from spacetimedb import ReducerContext, reducer, table


@table(name="point", accessor="point", public=True)
class Point:
    x: float


@reducer
def add(ctx: ReducerContext, x: float) -> None: ...

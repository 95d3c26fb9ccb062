from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64

from .helpers import Color, shade
from .more import twice


@table(public=True)
class Point:
    id: PrimaryKey[u64]
    x: flaot
    color: Color
    raw: list[u64] = [twice(1)]


@reducer
def add(ctx: ReducerContext, x: float, color: Color, kind: Kind) -> int:
    return shade(color)

"""A class and a function without a decorator are no table and no reducer; one that is used as a type says so."""

from stdbctl.module import Index, PrimaryKey, ReducerContext, reducer, u64


class Point:
    id: PrimaryKey[u64]
    owner: Index[str]


@reducer
def add(ctx: ReducerContext, point: Point) -> None:
    ctx.db[Point].insert(point)

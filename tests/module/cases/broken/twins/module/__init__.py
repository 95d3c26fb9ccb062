from stdbctl.module import PrimaryKey, ReducerContext, init, reducer, table, u64

from . import more


@table()
class Point:
    id: PrimaryKey[u64]


@reducer
def add(ctx: ReducerContext) -> None: ...


@reducer
def add(ctx: ReducerContext, x: u64) -> None: ...


@init
def first(ctx: ReducerContext) -> None: ...


@init
def second(ctx: ReducerContext) -> None: ...

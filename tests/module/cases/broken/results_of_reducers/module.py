"""Reducers that want to give something back."""

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u64


@table()
class Point:
    id: PrimaryKey[u64]


@reducer
def count(ctx: ReducerContext) -> int:
    return ctx.db[Point].count()


@reducer
def find(ctx: ReducerContext, id: u64) -> Point | None:
    return ctx.db[Point].find(id=id)


@reducer
def listed(ctx: ReducerContext) -> list[Point]:
    return list(ctx.db[Point])


@reducer
def unknown(ctx: ReducerContext) -> Pont: ...


@reducer
async def fetch(ctx: ReducerContext) -> str:
    return ""

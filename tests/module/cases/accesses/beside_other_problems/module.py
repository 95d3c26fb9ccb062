"""Accesses are judged beside all other problems, also when the import fails."""

from stdbctl.module import PrimaryKey, ReducerContext, missing_thing, reducer, table, u64


@table()
class Point:
    id: PrimaryKey[u64]
    name: str


@table()
class Broken:
    id: PrimaryKey[u46]


@reducer
def wrong(ctx: ReducerContext) -> None:
    ctx.db[Point].find(idd=1)
    ctx.db[Point].find(id="1")
    ctx.db[Point].filter(name="x")
    ctx.db[Broken].find(idd=1)
    ctx.db[Broken].find(id="x")

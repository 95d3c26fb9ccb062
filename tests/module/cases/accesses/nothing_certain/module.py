"""Code that no check can follow to the end: nothing is said about it."""

from contextlib import suppress
from typing import Any, TypeVar

from stdbctl.module import InvalidValue, NotIndexed, PrimaryKey, ReducerContext, Table, reducer, table, table_of, u64

Row = TypeVar("Row")
counter = 0


@table()
class Point:
    id: PrimaryKey[u64]
    name: str


@table()
class Player:
    key: PrimaryKey[u64]


Archive = table_of(Point, name="archive")


class Cache:
    def find(self, **columns: object) -> None: ...


def anything(value: Any) -> Any:
    return value


def one(ctx: ReducerContext, kind: type[Row], **columns: object) -> Row | None:
    return ctx.db[kind].find(**columns)


def untyped(ctx, table):
    ctx.db[Point].find(idd=1)
    table.find(idd=1)


def generic(rows: Table[Row]) -> None:
    rows.find(idd=1)


def shadowed(ctx: ReducerContext, Point: Any) -> None:  # noqa: N803
    ctx.db[Point].find(idd=1)
    Point(idd=1)


def replaced(ctx: ReducerContext) -> None:
    ctx = anything(ctx)
    ctx.db[Point].find(idd=1)


def grow() -> None:
    global counter
    counter = "text"  # type: ignore[assignment]


@reducer
def go(ctx: ReducerContext, key: u64) -> None:
    points = ctx.db[Point]
    if key:
        points = Cache()
    points.find(idd=1)
    either = ctx.db[Point] if key else ctx.db[Player]
    either.find(key=1)
    for rows in (ctx.db[Point], ctx.db[Player]):
        rows.find(key=1)
    (first, second) = (ctx.db[Point], 3)
    first.find(idd=1)
    value: Any = "text"
    value = 7
    ctx.db[Point].find(id=value)
    ctx.db[Point].find(id=counter)
    ctx.db[Point].find(id=anything("x"))
    key = anything("x")
    ctx.db[Point].find(id=key)
    ctx.db[Point].find(**{"idd": 1})
    ctx.db[Point].find(id=1, **{})
    ctx.db[Point].insert(*[Point(id=1, name="x")])
    with suppress(NotIndexed):
        ctx.db[Point].find(name="x")
    try:
        ctx.db[Point].insert(Point(id=-1, name="x"))
    except (InvalidValue, ValueError):
        pass
    try:
        ctx.db[Point].filter(name="x")
    except Exception:
        pass
    ctx.db[anything(Point)].find(idd=1)
    getattr(ctx.db[Point], "find")(idd=1)  # noqa: B009
    del points

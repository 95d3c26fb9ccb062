"""Parameters that no client could fill."""

import datetime

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u8, u64


@table()
class Point:
    id: PrimaryKey[u64]


@reducer
def defaults(ctx: ReducerContext, x: u64 = 0, name: str | None = None) -> None: ...


@reducer
def stars(ctx: ReducerContext, *points: u64, **options: str) -> None: ...


@reducer
def keywords(ctx: ReducerContext, *, x: u64, y: u64) -> None: ...


@reducer
def untyped(ctx: ReducerContext, x, y=3) -> None: ...


@reducer
def types(ctx: ReducerContext, options: dict[str, int], at: datetime.datetime, raw: list[u8], f: callable) -> None: ...


@reducer
def constrained(ctx: ReducerContext, id: PrimaryKey[u64]) -> None: ...


@reducer
def names(ctx: ReducerContext, user_id: u64, userId: u64) -> None: ...

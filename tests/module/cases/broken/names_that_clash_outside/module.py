"""Names that differ in Python, and are one name outside."""

from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, table_of, u64


@table()
class UserName:
    id: PrimaryKey[u64]
    user_id: u64
    userId: u64


@table()
class User_Name:
    id: PrimaryKey[u64]


@dataclass
class Spot:
    some_x: u64
    someX: u64


@table(name="point")
class Dot:
    id: PrimaryKey[u64]
    spot: Spot


@table()
class Point:
    id: PrimaryKey[u64]


Copy = table_of(Point, name="Point")


@reducer
def add_point(ctx: ReducerContext) -> None: ...


@reducer
def addPoint(ctx: ReducerContext) -> None: ...


@reducer(name="add_point")
def third(ctx: ReducerContext) -> None: ...

from dataclasses import dataclass

from stdbctl.module import PrimaryKey, ReducerContext, init, reducer, table, u64

from .more import Spot as OtherSpot


@dataclass
class Spot:
    x: u64


@table(name="st_points")
class Point:
    id: PrimaryKey[u64]
    spot: Spot
    other: OtherSpot


@table
class HTTPLog:
    id: PrimaryKey[u64]
    userID: u64
    user_id: u64


@table
class HttpLog:
    id: PrimaryKey[u64]


@reducer
def add_one(ctx: ReducerContext) -> None: ...


@reducer
def addOne(ctx: ReducerContext) -> None: ...


@init
def first(ctx: ReducerContext) -> None: ...


@init
def second(ctx: ReducerContext) -> None: ...

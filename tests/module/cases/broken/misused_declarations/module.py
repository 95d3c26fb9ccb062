from typing import Annotated

from stdbctl.module import ReducerContext, column, index, init, reducer, table, u8, u64


@table("points")
class Named: ...


@table(name="", indexes=index("x"), unique=[("x", "y"), ("y", "x")])
class Listed:
    x: u8
    y: u8


@table(name=5, indexes=[index(["x"]), index("x", "y"), index("x", "y", name="a b"), "x"], unique=[(1,)])
class Oddly:
    x: u8
    y: Annotated[u8, index]
    z: Annotated[u8, column(name="")]


@reducer("explicit")
def by_position(ctx: ReducerContext) -> None: ...


@reducer(name="")
def nameless(ctx: ReducerContext) -> None: ...


@reducer
def first_of_two(ctx: ReducerContext) -> None: ...


@init
@reducer
def twice(ctx: ReducerContext) -> None: ...


@init
def setup(ctx: ReducerContext) -> None: ...


class Board:
    @reducer
    def draw(self, ctx: ReducerContext, x: u64) -> None: ...

    @staticmethod
    @reducer
    def fine(ctx: ReducerContext) -> None: ...


@reducer
def takes_context(ctx: ReducerContext, other: ReducerContext) -> None: ...


@table(indexes=[index("x", "y"), index("x", "y", name="place")], unique=[("x", "y"), ["y", "x"]])
class Repeated:
    x: u8
    y: u8

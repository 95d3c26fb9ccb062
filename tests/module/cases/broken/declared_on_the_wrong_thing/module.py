"""Decorators on what they are not for."""

import enum
from typing import NamedTuple

from stdbctl.module import PrimaryKey, ReducerContext, client_connected, init, reducer, table, u64


@table()
def point(x: int) -> None: ...


@table()
class Kind(enum.Enum):
    A = 1


@table()
class Pair(NamedTuple):
    x: int


@reducer
class Add:
    pass


class Game:
    @reducer
    def play(self, ctx: ReducerContext) -> None: ...

    @staticmethod
    @reducer
    def stop(ctx: ReducerContext) -> None: ...


shorter = reducer(lambda ctx: None)
table()(3)


@init
@client_connected
def both(ctx: ReducerContext) -> None: ...


@table()
class Empty:
    pass


@table("player")
class Player:
    id: PrimaryKey[u64]

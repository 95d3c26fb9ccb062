from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, column, reducer, table, u8, u64


@dataclass
class Spot:
    x: Index[u8]
    y: Annotated[u8, column(name="Y")]
    key: PrimaryKey[AutoInc[u64]]


@table()
class Point:
    id: PrimaryKey[u64]
    spot: Spot


@reducer
def fine(ctx: ReducerContext, row: Point) -> None: ...

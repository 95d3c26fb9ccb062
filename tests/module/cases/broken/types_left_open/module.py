from dataclasses import dataclass
from typing import Annotated, Dict, Final, Generic, List, Literal, Optional, Sequence, TypeVar

from stdbctl.module import AutoInc, Index, PrimaryKey, Unique, column, reducer, table, u8, u64

T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    held: T


@dataclass
class Spot:
    x: Index[u8]
    y: Annotated[u8, column(name="Y")]
    key: PrimaryKey[u64]


@table()
class Point:
    id: PrimaryKey
    other: Unique[AutoInc]
    box: Box[int]
    names: List
    pair: Dict
    way: Sequence[int]
    kind: Literal["a", "b"]
    fixed: Final[u8]
    maybe: Optional
    either: Unique[u64] | None
    several: int | list[u64] | None
    whole: T
    spot: Spot


Endless = "Endless"
There = "Back"
Back = "There"


@reducer
def turn(ctx: "There", endless: "Endless", row: Point) -> "Back": ...

"""Fields that a column or a nested record cannot have."""

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from typing import ClassVar, Generic, TypeVar

from stdbctl.module import PrimaryKey, table, u64

T = TypeVar("T")


@dataclass
class Spot:
    x: float
    on_move: Callable[[], None]
    cache: dict[str, int] = field(default_factory=dict)
    hidden: InitVar[int] = 0


@dataclass
class Box(Generic[T]):
    value: T


@dataclass
class Outer:
    inner: Spot
    unknown: Spto


@table()
class Point:
    LIMIT: ClassVar[int] = 3
    id: PrimaryKey[u64]
    spot: Spot
    outer: Outer
    box: Box[int]
    seen: list[Spot] = []
    computed: int = field(init=False)

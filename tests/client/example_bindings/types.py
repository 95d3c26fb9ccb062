"""The types of the module: rows, enums and unions."""

import enum
from dataclasses import dataclass
from typing import TypeAlias

from stdbctl.client import Identity, Timestamp, Variant


class Color(enum.Enum):
    RED = 0
    GREEN = 1
    BLUE = 2


class Circle(Variant[float]):
    """A radius."""


class Label(Variant[str]):
    """A text."""


class Nothing(Variant[None]):
    """No shape at all."""


Shape: TypeAlias = Circle | Label | Nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point of the board."""

    id: int
    owner: Identity
    x: float
    y: float
    color: Color
    shape: Shape
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A sign of life, seen once."""

    sender: Identity
    at: Timestamp
    tags: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Rows without a primary key."""

    name: str
    count: int

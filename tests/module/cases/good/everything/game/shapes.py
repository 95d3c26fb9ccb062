"""Types of their own: products, enums, unions, recursion."""

import enum
from dataclasses import dataclass, field
from typing import Annotated, assert_never

from stdbctl.module import Variant, f32, u32, union


@dataclass(frozen=True)
class Spot:
    """Where something is."""

    x: f32
    y: f32 = 0.0
    """Upwards."""


class Fruit(enum.Enum):
    APPLE = "apple"
    RED_PEAR = "pear"


@dataclass
class Node:
    value: u32
    children: "list[Node]" = field(default_factory=lambda: list[Node]())

    def depth(self) -> int:
        return 1 + max((child.depth() for child in self.children), default=0)


class Circle(Variant[f32]): ...


class Label(Variant[str]): ...


class Group(Variant["list[Shape]"]): ...


class Nothing(Variant[None]): ...


Shape = Annotated[Circle | Label | Group | Nothing | Spot, union("Shape")]


def area(shape: Shape) -> float:
    match shape:
        case Circle(radius):
            return 3 * radius**2
        case Label(text):
            return float(len(text))
        case Group(members):
            return sum(area(member) for member in members)
        case Nothing() | Spot():
            return 0.0
        case _:
            assert_never(shape)

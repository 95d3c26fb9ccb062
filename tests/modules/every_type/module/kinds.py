"""The types with a name that this module puts into its tables, beside those of `stdbctl.module`."""

import enum
from dataclasses import dataclass
from typing import Annotated, Optional

from stdbctl.module import Option, Some, Timestamp, Variant, f32, f64, i16, u8, union


class Mood(enum.Enum):
    """An enum: its order counts, its values do not."""

    CALM = "calm"
    VERY_HUNGRY = "hungry"
    ODD = 3


@dataclass
class Spot:
    """A record."""

    x: f64
    y: f32


@dataclass
class Blank:
    """A record without fields."""


@dataclass
class Meeting:
    """A record that stands in a union by itself."""

    at: Timestamp
    spot: Spot | None


class Circle(Variant[f32]): ...


class Label(Variant[str]): ...


class Maybe(Variant[Option[Option[u8]]]): ...


class Group(Variant["list[Shape]"]): ...


class Nothing(Variant[None]): ...


Shape = Annotated[Circle | Label | Maybe | Group | Meeting | Nothing, union("Shape")]


class Leaf(Variant[i16]): ...


class Fork(Variant["list[Tree]"]): ...


class Pair(Variant["Branches"]): ...


Tree = Annotated[Leaf | Fork | Pair, union("Tree")]


@dataclass
class Branches:
    """Contains trees, which may contain it."""

    left: Tree
    right: Option[Tree]


@dataclass
class Node:
    """Contains itself by a list and by an option."""

    name: str
    children: "list[Node]"
    twin: Optional["Node"]


NO_TREE = Branches(left=Leaf(0), right=None)
TWO_TREES = Branches(left=Fork([]), right=Some(Pair(NO_TREE)))

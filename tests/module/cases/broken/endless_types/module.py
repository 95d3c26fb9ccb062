"""Types that contain themselves with nothing between."""

from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import PrimaryKey, Variant, table, u64, union


@dataclass
class Node:
    next: "Node"


@dataclass
class Left:
    right: "Right"


@dataclass
class Right:
    left: Left


class Again(Variant["Loop"]): ...


class Twice(Variant["list[Loop]"]): ...


Loop = Annotated[Again, union("Loop")]


@table()
class Tree:
    id: PrimaryKey[u64]
    root: Node
    left: Left | None
    loop: Loop

"""An enum inside a record and a list gains a variant: the module after the change."""

import enum
from dataclasses import dataclass

from stdbctl.module import PrimaryKey, table, u32


class Kind(enum.Enum):
    RED = 0
    BLUE = 1
    GREEN = 2


@dataclass(frozen=True)
class Part:
    kind: Kind
    others: list[Kind]


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    part: Part

"""An enum gains a variant at the end: the module after the change."""

import enum

from stdbctl.module import PrimaryKey, table, u32


class Kind(enum.Enum):
    RED = 0
    BLUE = 1
    GREEN = 2


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    kind: Kind

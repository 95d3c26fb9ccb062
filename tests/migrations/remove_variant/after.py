"""An enum has a variant less: the module after the change."""

import enum

from stdbctl.module import PrimaryKey, table, u32


class Kind(enum.Enum):
    RED = 0


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    kind: Kind

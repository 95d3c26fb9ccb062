"""A column with different values becomes the key: the module after the change."""

from stdbctl.module import PrimaryKey, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[u32]
    name: str

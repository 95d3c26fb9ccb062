"""A table with rows does not go: the module after the change."""

from stdbctl.module import PrimaryKey, table, u32


@table(public=True)
class Other:
    id: PrimaryKey[u32]

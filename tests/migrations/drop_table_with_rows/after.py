"""A table goes with its rows, as it was named: the module after the change."""

from stdbctl.module import PrimaryKey, table, u32


@table(public=True)
class Other:
    id: PrimaryKey[u32]

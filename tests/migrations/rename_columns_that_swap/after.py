"""Two columns exchange their names: the module after the change."""

from stdbctl.module import Index, table, u32


@table(public=True)
class Spot:
    y: Index[u32]
    x: u32

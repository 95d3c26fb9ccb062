"""The field has another name, the column not: the module after the change."""

from typing import Annotated

from stdbctl.module import AutoInc, PrimaryKey, column, table, u32


@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    title: Annotated[str, column(name="name")]
    team: u32 = 1

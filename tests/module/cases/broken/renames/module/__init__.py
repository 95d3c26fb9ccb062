"""What was never called so."""

from typing import Annotated

from stdbctl.module import Unique, column, table, u32


@table(was="Team")
class Player:
    name: str
    side: Annotated[u32, column(was="name")]
    best: Annotated[Unique[u32], column(was=("top score", "high"))]
    high: u32
    last: Annotated[u32, column(was=7)]


@table(was="no name")
class Team:
    name: str

from typing import Annotated

from stdbctl.module import AutoInc, Index, PrimaryKey, TimeDuration, Unique, f32, index, table, table_of, u64


@table(
    indexes=[
        index("x", "y"),
        index("title", "nmae"),
        index("team", "team"),
        index("team", "number", algorithm="direct"),
        index(algorithm="hash"),
        "team",
    ],
    unique=[("team", "nunber"), "team", ["x"]],
)
class Player:
    id: PrimaryKey[AutoInc[u64]] = 0
    second: PrimaryKey[u64]
    count: AutoInc[f32]
    x: Index[f32]
    y: f32
    team: u64
    number: u64
    raw: Unique[bytes]
    since: Index[TimeDuration]
    maybe: Index[u64 | None]
    title: Annotated[str, index(algorithm="direct")]
    name: Annotated[str, index(algorithm="tree")]
    kind: Annotated[u64, index("team", "kind")]


Old = table_of(Player, name="old", indexes=[index("nummber")])

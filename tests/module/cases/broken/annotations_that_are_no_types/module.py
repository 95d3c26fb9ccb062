"""What stands behind the colon is a value, not a type."""

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u8, u64


@table()
class Player:
    id: PrimaryKey[u64]
    level: 5
    title: "a text with blanks"
    half: "u64 |"
    listed: [u8]
    paired: (u8, u8)
    none_or: "u8 or None"


@reducer
def go(ctx: ReducerContext, level: 3, way: [u8]) -> None: ...

"""Several unknown types in several tables: all are shown, though the first one ends the import."""

from stdbctl.module import Index, PrimaryKey, ReducerContext, reducer, table, u64


@table(public=True)
class Point:
    id: PrimaryKey[u46]
    x: float
    owner: Index[Identty]


@table()
class Player:
    id: PrimaryKey[u64]
    home: list[Pont]
    score: Optional[int]


@reducer
def add(ctx: ReducerContext, color: string, point: Point) -> None: ...

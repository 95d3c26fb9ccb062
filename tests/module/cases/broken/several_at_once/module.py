from stdbctl.module import Identity, PrimaryKey, ReducerContext, reducer, table, u64


@table(public=True)
class Point:
    id: PrimaryKey[u64]
    path: list[flot]


@table(publc=True)
class Line:
    id: PrimaryKey[u64]


@tabel
class Circle:
    owner: Identity


@reducer(privat=True)
def add(ctx: ReducerContext, radius: flot) -> None: ...


@reducr
def remove(ctx: ReducerContext) -> None: ...


@reducer
def good(ctx: "ReducerContext") -> "None": ...


@reducer
def move(ctx: Contxt, x: u64) -> None: ...

"""Results whose two types differ: the npm package reads them, and writes the wrong bytes for an err.

So what clients call takes no such result; the private reducer takes one.
"""

from stdbctl.module import Err, Ok, PrimaryKey, ReducerContext, Result, reducer, table, u32


@table(public=True)
class Uneven:
    n: PrimaryKey[u32]
    value: Result[u32, str]
    several: list[Result[u32, str]]


@reducer
def insert_uneven(ctx: ReducerContext, n: u32, ok: u32 | None, err: str) -> None:
    value: Result[u32, str] = Err(err) if ok is None else Ok(ok)
    ctx.db[Uneven].insert(Uneven(n=n, value=value, several=[value, Ok(n), Err(err)]))


@reducer(private=True)
def insert_uneven_result(ctx: ReducerContext, n: u32, value: Result[u32, str]) -> None:
    ctx.db[Uneven].insert(Uneven(n=n, value=value, several=[]))

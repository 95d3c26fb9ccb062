"""What the benchmarks call: one row in, nothing else."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, f32, reducer, table, u64


@table(public=True)
class Dot:
    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32


@reducer
def add(ctx: ReducerContext, x: f32, y: f32) -> None:
    ctx.db[Dot].insert(Dot(x=x, y=y))

"""The reducer stands above the table that it names."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u64


@reducer(schedule=Timer)
def tick(ctx: ReducerContext, row: "Timer") -> None: ...


@table()
class Timer:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt

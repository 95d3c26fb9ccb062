from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u64


@table()
class Timer:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt


@reducer(schedule=Timer)
def first(ctx: ReducerContext, row: Timer) -> None: ...


@reducer(schedule=Timer)
def second(ctx: ReducerContext, row: Timer) -> None: ...

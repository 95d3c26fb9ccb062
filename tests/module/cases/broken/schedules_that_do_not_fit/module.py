"""Every way in which `schedule=` and its table can miss each other."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u32, u64


@table()
class Good:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt


@table()
class NoTime:
    id: PrimaryKey[u64]


@table()
class TwoTimes:
    id: PrimaryKey[u64]
    first: ScheduleAt
    second: ScheduleAt


@table()
class SmallKey:
    id: PrimaryKey[u32]
    at: ScheduleAt


@table()
class NoKey:
    at: ScheduleAt


class NoTable:
    at: ScheduleAt


@reducer(schedule=Good)
def without_row(ctx: ReducerContext) -> None: ...


@reducer(schedule=Good)
def with_more(ctx: ReducerContext, row: Good, x: u64) -> None: ...


@reducer(schedule=Good)
def other_row(ctx: ReducerContext, row: NoTime) -> None: ...


@reducer(schedule=NoTime)
def no_time(ctx: ReducerContext, row: NoTime) -> None: ...


@reducer(schedule=TwoTimes)
def two_times(ctx: ReducerContext, row: TwoTimes) -> None: ...


@reducer(schedule=SmallKey)
def small_key(ctx: ReducerContext, row: SmallKey) -> None: ...


@reducer(schedule=NoKey)
def no_key(ctx: ReducerContext, row: NoKey) -> None: ...


@reducer(schedule=NoTable)
def no_table(ctx: ReducerContext, row: Good) -> None: ...


@reducer(schedule="Good")
def by_name(ctx: ReducerContext, row: Good) -> None: ...

"""Rows that wait go on waiting: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u8, u64


@table
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    note: str
    tries: u8 = 0


@reducer(schedule=Job)
def run(ctx: ReducerContext, job: Job) -> None:
    pass

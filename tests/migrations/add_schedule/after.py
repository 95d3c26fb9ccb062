"""Rows of a table that has been there begin to run: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u64


@table
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    note: str


@reducer(schedule=Job)
def run(ctx: ReducerContext, job: Job) -> None:
    pass

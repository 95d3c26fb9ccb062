"""Rows of a table that has been there begin to run: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, init, table, u64


@table
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    note: str


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Job].insert(Job(at=ScheduleAt.every(TimeDuration.seconds(5)), note="tick"))

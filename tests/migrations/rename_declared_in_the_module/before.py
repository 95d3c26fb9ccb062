"""A table and its columns under other names, said by `was`: the module before the change."""

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, init, reducer, table, u64


@table()
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    what: str


@reducer(schedule=Job)
def run(ctx: ReducerContext, job: Job) -> None:
    print(job.what)


@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Job].insert(Job(at=ScheduleAt(TimeDuration(5_000_000)), what="sweep"))

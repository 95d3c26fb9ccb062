"""A table and its columns under other names, said by `was`: the module after the change."""

from typing import Annotated

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, column, reducer, table, u64


@table(was=("duty", "job"))
class Task:
    id: PrimaryKey[AutoInc[u64]] = 0
    due: Annotated[ScheduleAt, column(was="at")]
    title: Annotated[str, column(was=("text", "what"))]


@reducer(schedule=Task)
def perform(ctx: ReducerContext, task: Task) -> None:
    print(task.title)

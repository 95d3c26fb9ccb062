"""Rows stay and run no more: the module after the change."""

from stdbctl.module import AutoInc, PrimaryKey, ScheduleAt, table, u64


@table
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    note: str

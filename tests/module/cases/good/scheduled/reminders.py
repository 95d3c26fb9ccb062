"""A table whose rows say when a reducer is to run."""

import logging

from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ScheduleAt, reducer, table, u64

log = logging.getLogger(__name__)


@table()
class Reminder:
    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt
    text: str


@reducer(schedule=Reminder)
def remind(ctx: ReducerContext, reminder: Reminder) -> None:
    log.info(reminder.text)

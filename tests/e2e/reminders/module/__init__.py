"""A clock that ticks and reminders that come once: two scheduled tables and what their runs leave behind."""

from stdbctl.module import (
    AutoInc,
    PrimaryKey,
    ReducerContext,
    ScheduleAt,
    TimeDuration,
    Timestamp,
    Unique,
    init,
    reducer,
    table,
    u32,
    u64,
)

VERSION = "first"


@table(public=True)
class Beat:
    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt
    count: u32 = 0


@table(public=True)
class Reminder:
    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt
    text: Unique[str]


@table(public=True)
class Reminded:
    text: PrimaryKey[str]
    version: str
    due: Timestamp
    at: Timestamp


@init
def start(ctx: ReducerContext) -> None:
    ctx.db[Beat].insert(Beat(scheduled_at=ScheduleAt.every(TimeDuration.seconds(0.05))))


@reducer(schedule=Beat)
def tick(ctx: ReducerContext, beat: Beat) -> None:
    beat.count += 1
    ctx.db[Beat].update(beat)


@reducer
def remind(ctx: ReducerContext, seconds: float, text: str) -> None:
    due = ScheduleAt.at(ctx.timestamp + TimeDuration.seconds(seconds))
    ctx.db[Reminder].insert(Reminder(scheduled_at=due, text=text))


@reducer(schedule=Reminder)
def come(ctx: ReducerContext, reminder: Reminder) -> None:
    due = reminder.scheduled_at.value
    assert isinstance(due, Timestamp)
    assert ctx.sender == ctx.identity
    assert ctx.connection_id is None
    ctx.db[Reminded].insert(Reminded(text=reminder.text, version=VERSION, due=due, at=ctx.timestamp))

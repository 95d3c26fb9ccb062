from stdbctl.module import PrimaryKey, ReducerContext, ScheduleAt, reducer, table, table_of, u64


@table()
def point() -> None: ...


@reducer
class Add: ...


class Plain:
    x: u64


Further = table_of(Plain, name="further")
unnamed = reducer(lambda ctx: None)


@table()
class Reminder:
    id: PrimaryKey[u64]
    scheduled_at: ScheduleAt
    text: str


@table()
class Note:
    id: PrimaryKey[u64]
    text: str


@reducer(schedule=Note)
def no_time(ctx: ReducerContext, note: Note) -> None: ...


@reducer(schedule=Reminder)
def wrong_row(ctx: ReducerContext, note: Note) -> None: ...


@reducer(schedule=Plain)
def no_table(ctx: ReducerContext, plain: u64) -> None: ...

"""A ledger whose tables must agree at all times: what the crash test kills servers over."""

from stdbctl.module import (
    AutoInc,
    ConnectionId,
    Index,  # noqa: F401  # of another version, which the test makes
    PrimaryKey,
    ReducerContext,
    ScheduleAt,
    TimeDuration,
    client_connected,
    client_disconnected,
    init,
    reducer,
    table,
    u32,
    u64,
)


@table(public=True)
class Entry:
    id: PrimaryKey[u64]
    client: u32
    sequence: u64
    text: str


@table(public=True)
class Mirror:
    sequence: PrimaryKey[AutoInc[u64]] = 0
    id: u64
    client: u32


@table(public=True)
class Total:
    client: PrimaryKey[u32]
    entries: u64
    last: u64


@table(public=True)
class Online:
    connection: PrimaryKey[ConnectionId]


@table(public=True)
class Reminder:
    key: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt
    id: u64


@table(public=True)
class Reminded:
    id: PrimaryKey[u64]
    times: u32


@table(public=True)
class Wide:
    id: PrimaryKey[u32]
    group: u32


@init
def setup(ctx: ReducerContext) -> None:
    for number in range(300):
        ctx.db[Wide].insert(Wide(id=number, group=number % 7))


@client_connected
def joined(ctx: ReducerContext) -> None:
    if ctx.connection_id is not None:
        ctx.db[Online].insert(Online(connection=ctx.connection_id))


@client_disconnected
def left(ctx: ReducerContext) -> None:
    if ctx.connection_id is not None:
        ctx.db[Online].delete(Online(connection=ctx.connection_id))


@reducer
def record(ctx: ReducerContext, client: u32, number: u64, text: str) -> None:
    """Write one entry, its mirror, the client's total and, for every fifth, a reminder: all of them or none."""
    mirror = ctx.db[Mirror].insert(Mirror(id=number, client=client))
    ctx.db[Entry].insert(Entry(id=number, client=client, sequence=mirror.sequence, text=text))
    total = ctx.db[Total].find(client=client)
    if total is None:
        ctx.db[Total].insert(Total(client=client, entries=1, last=number))
    else:
        total.entries += 1
        total.last = number
        ctx.db[Total].update(total)
    if number % 5 == 0:
        at = ScheduleAt.at(ctx.timestamp + TimeDuration.seconds(0.01))
        ctx.db[Reminder].insert(Reminder(at=at, id=number))


@reducer(schedule=Reminder)
def remind(ctx: ReducerContext, reminder: Reminder) -> None:
    seen = ctx.db[Reminded].find(id=reminder.id)
    if seen is None:
        ctx.db[Reminded].insert(Reminded(id=reminder.id, times=1))
    else:
        seen.times += 1
        ctx.db[Reminded].update(seen)


@reducer
def prune(ctx: ReducerContext, below: u64) -> None:
    """Forget the entries of lower sequence numbers, so that a long test stays quick."""
    for entry in list(ctx.db[Entry]):
        if entry.sequence < below:
            ctx.db[Entry].delete(id=entry.id)
            ctx.db[Mirror].delete(sequence=entry.sequence)
            ctx.db[Reminded].delete(id=entry.id)

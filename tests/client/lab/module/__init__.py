"""What the Python client is tried on: rows with a key, rows without one, and events; any change in one call."""

from stdbctl.module import (
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    i32,
    reducer,
    table,
    u32,
)


@table(public=True)
class Item:
    id: PrimaryKey[u32]
    team: Index[u32]
    value: i32
    label: str


@table(public=True)
class Mark:
    team: u32
    value: i32


@table(public=True, event=True)
class Flash:
    number: u32


@reducer
def change(ctx: ReducerContext, steps: list[i32], is_refused: bool) -> None:
    """Do steps of four numbers each: 0 put an item, 1 remove one, 2 set a mark, 3 remove one, 4 flash."""
    for at in range(0, len(steps), 4):
        kind, key, team, value = steps[at : at + 4]
        if kind == 0:
            ctx.db[Item].delete(id=key)
            ctx.db[Item].insert(Item(id=key, team=team, value=value, label=f"item {key}"))
        elif kind == 1:
            ctx.db[Item].delete(id=key)
        elif kind == 2:
            ctx.db[Mark].insert(Mark(team=team, value=value))
        elif kind == 3:
            ctx.db[Mark].delete(Mark(team=team, value=value))
        else:
            ctx.db[Flash].insert(Flash(number=key))
    if is_refused:
        raise ReducerError("as you wished")


@reducer
def fill(ctx: ReducerContext, first: u32, count: u32, text: str) -> None:
    """Put items in a row, all with the same text."""
    for number in range(first, first + count):
        ctx.db[Item].insert(Item(id=number, team=number % 4, value=0, label=text))


@reducer
def clear(ctx: ReducerContext) -> None:
    """Empty every table."""
    for item in ctx.db[Item]:
        ctx.db[Item].delete(item)
    for mark in ctx.db[Mark]:
        ctx.db[Mark].delete(mark)

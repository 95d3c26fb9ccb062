"""`@reducer(schedule=…)`: a table and the reducer that runs when one of its rows is due."""

from collections.abc import Mapping, Sequence

from stdbctl.module.functions import ReducerSpec
from stdbctl.module.problems import BadSchedule
from stdbctl.module.tables import Column, TableSpec
from stdbctl.sats import SCHEDULE_AT, Primitive, Ref
from stdbctl.schema import RawScheduleDef


def read_schedule(reducer: ReducerSpec, tables: Mapping[object, TableSpec]) -> RawScheduleDef | BadSchedule | None:
    """The schedule of a reducer, or why it cannot be; None when it has none, or a type in it is a problem already.

    `tables`: by what authors put into `ctx.db[…]`.
    """
    if reducer.options.schedule is None:
        return None
    table = _table(reducer.options.schedule, tables)
    if table is None:
        return BadSchedule(
            what=f"`schedule=` of `{reducer.source_name}` names no table of this module",
            why="the rows of a table say when the reducer is to run",
            fix=_fix(reducer.options.schedule),
        )
    due = [c for c in table.columns if c.shape is not None and c.shape.type == SCHEDULE_AT]
    if len(due) != 1:
        return BadSchedule(
            what=f"`{table.source_name}` has {len(due) or 'no'} columns of type `ScheduleAt`",
            why="one column says when a row is due",
            fix="keep one of them" if due else "give it one: `scheduled_at: ScheduleAt`",
        )
    keys = [column for column in table.columns if column.has("PrimaryKey")]
    if not any(key.shape is not None and key.shape.type is Primitive.U64 for key in keys) and None not in (
        key.shape for key in keys
    ):
        return BadSchedule(
            what=f"`{table.source_name}` has no primary key of type `u64`",
            why="a row that is due is found, and removed, by its number",
            fix="declare `id: PrimaryKey[AutoInc[u64]] = 0`",
        )
    return _with_row(reducer, table, due[0])


def second_schedule(schedule: RawScheduleDef, earlier: Sequence[RawScheduleDef]) -> BadSchedule | None:
    """The problem of a table that has a reducer already."""
    for other in earlier:
        if other.table_name == schedule.table_name:
            return BadSchedule(
                what=f"`{schedule.table_name}` has a reducer already: `{other.function_name}`",
                why="a row that is due is handed to one reducer",
                fix=f"call both from one, or make a second table for `{schedule.function_name}`",
            )
    return None


def _table(key: object, tables: Mapping[object, TableSpec]) -> TableSpec | None:
    """The table that an author named; anything may stand there."""
    return next((table for table in tables.values() if table.key is key), None)


def _fix(given: object) -> str:
    if isinstance(given, str):
        return f"name the class of a table, without quotes: `schedule={given if given.isidentifier() else 'Timer'}`"
    return f"put `@table()` above `{given.__name__}`" if isinstance(given, type) else "name a class with `@table`"


def _with_row(reducer: ReducerSpec, table: TableSpec, due: Column) -> RawScheduleDef | BadSchedule | None:
    name, shapes = reducer.source_name, [shape for _, shape in reducer.params]
    if table.ref is None or None in shapes:
        return None
    if [shape.type for shape in shapes if shape is not None] != [Ref(table.ref)]:
        return BadSchedule(
            what=f"`{name}` does not take a row of `{table.source_name}`",
            why="it is called with the row that is due, and nothing else",
            fix=f"write `def {name}(ctx: ReducerContext, row: {table.cls.__name__}) -> None`",
        )
    return RawScheduleDef(table_name=table.source_name, schedule_at_col=due.position, function_name=name)

"""`@reducer(schedule=…)`: a table and the reducer that runs when one of its rows is due."""

from collections.abc import Mapping

from stdbctl.module.functions import ReducerSpec
from stdbctl.module.problems import BadSchedule
from stdbctl.module.tables import Column, TableSpec
from stdbctl.sats import SCHEDULE_AT, Ref
from stdbctl.schema import RawScheduleDef


def read_schedule(reducer: ReducerSpec, tables: Mapping[object, TableSpec]) -> RawScheduleDef | BadSchedule | None:
    """The schedule of a reducer, or why it cannot be; None when it has none, or a type in it is a problem already.

    `tables`: by what authors put into `ctx.db[…]`.
    """
    if reducer.options.schedule is None:
        return None
    table = tables.get(reducer.options.schedule)
    if table is None:
        return BadSchedule(
            what=f"`schedule=` of `{reducer.source_name}` names no table of this module",
            why="the rows of a table say when the reducer is to run",
            fix="name a class with `@table`",
        )
    due = [c for c in table.columns if c.shape is not None and c.shape.type == SCHEDULE_AT]
    if len(due) != 1:
        return BadSchedule(
            what=f"`{table.source_name}` has {len(due) or 'no'} columns of type `ScheduleAt`",
            why="one column says when a row is due",
            fix="give it one: `scheduled_at: ScheduleAt`",
        )
    return _with_row(reducer, table, due[0])


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

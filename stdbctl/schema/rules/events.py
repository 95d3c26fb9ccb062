"""Rules on functions that the server calls itself: lifecycle reducers and scheduled functions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from stdbctl.sats import SCHEDULE_AT, Primitive
from stdbctl.schema.definition import Lifecycle, ProcedureDef, ReducerDef, ScheduleDef, TableDef
from stdbctl.schema.naming import schedule_name
from stdbctl.schema.problems import DefProblem, Subject, did_you_mean
from stdbctl.schema.raw import RawLifecycleDef, RawScheduleDef
from stdbctl.schema.rules.draft import Draft

Function = TypeVar("Function", ReducerDef, ProcedureDef)
Named = TypeVar("Named", TableDef, ReducerDef, ProcedureDef, ReducerDef | ProcedureDef)


class DuplicateLifecycle(DefProblem):
    """A lifecycle event has two reducers."""

    code = "schema.duplicate_lifecycle"
    what_text = "lifecycle `{event}` is given to two reducers, `{first}` and `{second}`"
    fix_text = "keep one of them"


class TwoLifecycles(DefProblem):
    """A reducer has two lifecycle events."""

    code = "schema.two_lifecycles"
    what_text = "{subject} is given two lifecycle events, `{first}` and `{second}`"
    fix_text = "write one reducer for each"


class NoSuchLifecycleReducer(DefProblem):
    """A lifecycle event names a reducer that is not there."""

    code = "schema.no_such_lifecycle_reducer"
    what_text = "{subject} names the reducer `{name}`, which does not exist{hint}"
    fix_text = "name a reducer of this module"


class NoSuchScheduledTable(DefProblem):
    """A schedule names a table that is not there."""

    code = "schema.no_such_scheduled_table"
    what_text = "a schedule names the table `{name}`, which does not exist{hint}"
    fix_text = "name a table of this module"


class SeveralSchedules(DefProblem):
    """A table has two schedules."""

    code = "schema.several_schedules"
    what_text = "{subject} has more than one schedule"
    fix_text = "keep one, or make a second table"


class ScheduleColumns(DefProblem):
    """A scheduled table lacks the columns that a schedule needs."""

    code = "schema.schedule_columns"
    what_text = "{subject} is scheduled but lacks {missing}"
    why_text = "its rows say when to call, and are found by their key"
    fix_text = "add a primary key of type u64 and a ScheduleAt column"


class NoSuchScheduledFunction(DefProblem):
    """A schedule names a function that is not there."""

    code = "schema.no_such_scheduled_function"
    what_text = "the schedule of {subject} calls `{name}`, which is no reducer or procedure{hint}"
    fix_text = "name a reducer or procedure of this module"


class ScheduledParameters(DefProblem):
    """A scheduled function does not take exactly a row of its table."""

    code = "schema.scheduled_parameters"
    what_text = "`{name}` is called by the schedule of {subject}, but does not take exactly one row of it"
    fix_text = "give it one parameter, of the table's row type"


def check_lifecycles(draft: Draft, reducers: Sequence[ReducerDef]) -> tuple[ReducerDef, ...]:
    """Check the lifecycle section; gives the reducers with their events, lifecycle ones made private."""
    owners: dict[Lifecycle, ReducerDef] = {}
    events: dict[str, Lifecycle] = {}
    for raw in draft.raw.lifecycle_reducers:
        _take_lifecycle(draft, raw, reducers, owners, events)
    return tuple(
        replace(reducer, lifecycle=events[reducer.name], is_private=True) if reducer.name in events else reducer
        for reducer in reducers
    )


def _take_lifecycle(
    draft: Draft,
    raw: RawLifecycleDef,
    reducers: Sequence[ReducerDef],
    owners: dict[Lifecycle, ReducerDef],
    events: dict[str, Lifecycle],
) -> None:
    event = raw.lifecycle
    subject: Subject = (*draft.prefix, "lifecycle", event.name.lower())
    reducer = _find(reducers, raw.function_name, draft.namer.function(raw.function_name))
    if reducer is None:
        hint = did_you_mean(raw.function_name, (reducer.accessor for reducer in reducers))
        draft.report.add(NoSuchLifecycleReducer(subject, name=raw.function_name, hint=hint))
    elif event in owners:
        here: Subject = (*draft.prefix, "reducer", reducer.accessor)
        first_name, second_name = owners[event].accessor, reducer.accessor
        draft.report.add(DuplicateLifecycle(here, event=event.name.lower(), first=first_name, second=second_name))
    elif reducer.name in events:
        first = events[reducer.name].name.lower()
        draft.report.add(
            TwoLifecycles((*draft.prefix, "reducer", reducer.accessor), first=first, second=event.name.lower())
        )
    else:
        owners[event] = reducer
        events[reducer.name] = event


def check_schedules(
    draft: Draft, tables: Sequence[TableDef], functions: Sequence[ReducerDef | ProcedureDef]
) -> tuple[TableDef, ...]:
    """Check the schedules section; gives the tables with their schedules."""
    schedules: dict[str, ScheduleDef] = {}
    for raw in draft.raw.schedules:
        table = _find(tables, raw.table_name, draft.namer.table(raw.table_name))
        subject: Subject = (*draft.prefix, "table", raw.table_name if table is None else table.accessor)
        if table is None:
            _report_missing_table(draft, subject, raw.table_name)
        elif table.name in schedules:
            draft.report.add(SeveralSchedules(subject))
        else:
            schedules[table.name] = _schedule(draft, subject, raw, table, functions)
    return tuple(replace(table, schedule=schedules.get(table.name)) for table in tables)


def _report_missing_table(draft: Draft, subject: Subject, name: str) -> None:
    declared = [table.source_name for table in draft.raw.tables]
    if name not in declared:  # a declared table that is missing here has a problem of its own
        draft.report.add(NoSuchScheduledTable(subject, name=name, hint=did_you_mean(name, declared)))


def _schedule(
    draft: Draft,
    subject: Subject,
    raw: RawScheduleDef,
    table: TableDef,
    functions: Sequence[ReducerDef | ProcedureDef],
) -> ScheduleDef:
    _check_schedule_columns(draft, subject, raw, table)
    name = schedule_name(table.name)
    draft.stored.claim(name, (*subject, "schedule", name))
    canonical = draft.namer.function(raw.function_name)
    function = _find(functions, raw.function_name, canonical)
    if function is None:
        hint = did_you_mean(raw.function_name, (function.accessor for function in functions))
        draft.report.add(NoSuchScheduledFunction(subject, name=raw.function_name, hint=hint))
    elif [param.type for param in function.params] != [table.row_type]:
        draft.report.add(ScheduledParameters(subject, name=function.accessor))
    return ScheduleDef(name=name, column=raw.schedule_at_col, function=canonical if function is None else function.name)


def _check_schedule_columns(draft: Draft, subject: Subject, raw: RawScheduleDef, table: TableDef) -> None:
    types = {position: column.type for position, column in enumerate(table.columns)}
    missing = []
    if types.get(-1 if table.primary_key is None else table.primary_key) is not Primitive.U64:
        missing.append("a primary key of type u64")
    if types.get(raw.schedule_at_col) != SCHEDULE_AT:
        missing.append(f"a ScheduleAt at column {raw.schedule_at_col}")
    if missing:
        draft.report.add(ScheduleColumns(subject, missing=" and ".join(missing)))


def make_scheduled_private(functions: Sequence[Function], tables: Sequence[TableDef]) -> tuple[Function, ...]:
    """Make private what a schedule calls: only the scheduler and the owner may call it."""
    called = {table.schedule.function for table in tables if table.schedule is not None}
    return tuple(replace(function, is_private=True) if function.name in called else function for function in functions)


def _find(things: Sequence[Named], source: str, canonical: str) -> Named | None:
    """Look a reference up: by source name, else by the canonical name it converts to, else as a canonical name."""
    for match in (
        [thing for thing in things if thing.accessor == source],
        [thing for thing in things if thing.name in (canonical, source)],
    ):
        if match:
            return match[0]
    return None

"""The plan from the running module to a program, or every reason why there is none. Nothing here changes what runs."""

from collections.abc import Iterator
from dataclasses import replace

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.errors import DropNotNeeded, NotServed, UnknownTable
from stdbctl.engine.next_tables import before_of, rows_in_the_way, tables_in_the_way
from stdbctl.engine.ports import Prepared
from stdbctl.errors import Problem, Problems
from stdbctl.schema import (
    AddConstraint,
    AddSequence,
    Choices,
    MigrationPlan,
    ModuleDef,
    RewriteRows,
    plan_migration,
    possible_renames,
    validate,
)


def plan_over(live: Deployment, prepared: Prepared, choices: Choices) -> MigrationPlan:
    """The migration from the running module to a program's; raises Problems, also for tables that must be empty.

    Cost: none per row. What depends on rows, such as a unique constraint that they break, is for `tried_plan` to find.
    """
    module = module_of(prepared)
    plan = plan_migration(live.module, module, choices)
    wrong = tuple(_wrong_choices(live, module, choices))
    problems = (*wrong, *(plan if isinstance(plan, tuple) else _in_the_way(plan, live, choices)))
    if problems or isinstance(plan, tuple):
        raise Problems(problems)
    return plan


def tried_plan(live: Deployment, prepared: Prepared, choices: Choices) -> MigrationPlan:
    """The same; raises Problems also for what the rows do not allow, so that a plan that is shown can be run.

    Cost: a pass over the rows of each table that gets a unique constraint or a sequence.
    """
    plan = plan_over(live, prepared, choices)
    problems = tuple(_row_problems(plan, live))
    if problems:
        raise Problems(problems)
    return plan


def _in_the_way(plan: MigrationPlan, live: Deployment, choices: Choices) -> Iterator[Problem]:
    possible = possible_renames(live.module, plan.new, choices.renames)
    alike = [rename for rename in possible if rename.table is None]
    return tables_in_the_way(plan.new, before_of(plan, live.tables_by_name), choices.dropped, alike)


def _row_problems(plan: MigrationPlan, live: Deployment) -> Iterator[Problem]:
    rewritten = {step.table for step in plan.steps if isinstance(step, RewriteRows)}
    changes = (step for step in plan.steps if isinstance(step, AddConstraint | AddSequence))
    names = {step.table: None for step in changes if step.table not in rewritten}
    return rows_in_the_way(plan.new, names, before_of(plan, live.tables_by_name))


def _wrong_choices(live: Deployment, module: ModuleDef, choices: Choices) -> Iterator[Problem]:
    """Tables to be dropped that there are not, or that lose nothing by the change: no old flag costs a row."""
    for name in choices.dropped:
        if name not in live.tables_by_name:
            yield UnknownTable(name, live.tables_by_name)
        elif _is_kept(name, module, choices) and not _is_in_the_way(name, live, module, choices):
            yield DropNotNeeded(table=name, row_count=len(live.table(name).rows))


def _is_kept(name: str, module: ModuleDef, choices: Choices) -> bool:
    """Whether the new module has the table, if only under another name."""
    return any(table.name == name for table in module.tables) or any(
        rename.table is None and rename.old == name for rename in choices.renames
    )


def _is_in_the_way(name: str, live: Deployment, module: ModuleDef, choices: Choices) -> bool:
    """Whether the change fails because of this table if the table must stay."""
    others = replace(choices, dropped=tuple(other for other in choices.dropped if other != name))
    plan = plan_migration(live.module, module, others)
    if isinstance(plan, tuple):
        return True
    return any(getattr(problem, "table", None) == name for problem in _row_problems(plan, live))


def module_of(prepared: Prepared) -> ModuleDef:
    """The validated definition of a program; raises Problems with all that is wrong."""
    module = validate(prepared.describe())
    if isinstance(module, tuple):
        raise Problems(module)
    unserved = [NotServed(declaration) for declaration in _unserved(module)]
    if unserved:
        raise Problems(unserved)
    return module


def _unserved(module: ModuleDef) -> Iterator[str]:
    """What a definition may hold and the engine does not carry out."""
    for table in module.tables:
        if table.schedule is not None and module.reducer(table.schedule.function) is None:
            yield f"the schedule of table `{table.accessor}`, which calls a procedure,"
        elif table.schedule is not None and table.is_event:
            yield f"the schedule of event table `{table.accessor}`"
    yield from (f"view `{view.accessor}`" for view in module.views)
    yield from (f"procedure `{procedure.accessor}`" for procedure in module.procedures)
    yield from (f"HTTP handler `{handler.accessor}`" for handler in module.http_handlers)
    yield from (f"submodule `{submodule.namespace}`" for submodule in module.submodules)
    yield from (f"the visibility filter `{sql}`" for sql in module.row_level_security)

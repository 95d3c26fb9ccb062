"""Publishing: build the next deployment beside the running one, write it down, switch one reference."""

from collections.abc import Iterable, Iterator

from stdbctl.engine.deployment import Deployment, catalog_of, functions_of, lifecycle_of, timetables_of
from stdbctl.engine.errors import BreaksClients, InitFailed, NotServed
from stdbctl.engine.group_commit import Extra
from stdbctl.engine.next_tables import before_of, next_tables, tables_in_the_way
from stdbctl.engine.ports import Log, Prepared
from stdbctl.engine.results import Published
from stdbctl.engine.table import Table
from stdbctl.engine.timeline import Timeline
from stdbctl.errors import Problems
from stdbctl.records import EntryKind, LogLevel, OutcomeKind
from stdbctl.sats import Identity
from stdbctl.schema import (
    AddColumns,
    ChangeColumns,
    Lifecycle,
    MigrationPlan,
    ModuleDef,
    RemoveTable,
    Rename,
    RenameColumn,
    RenameTable,
    ReschemaEventTable,
    plan_migration,
    validate,
)


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


def deploy(prepared: Prepared, module: ModuleDef, tables: Iterable[Table], log: Log) -> Deployment:
    """Put a module, its tables and a new instance together."""
    tables = tuple(tables)
    functions, by_name = functions_of(module), {table.name: table for table in tables}
    return Deployment(
        program=prepared.program,
        module=module,
        tables={table.table_id: table for table in tables},
        tables_by_name=by_name,
        functions=functions,
        lifecycle=lifecycle_of(functions),
        timetables=timetables_of(module, by_name, functions),
        instance=prepared.new_instance(catalog_of(tables), log),
    )


def plan_over(live: Deployment, prepared: Prepared, renames: Iterable[Rename] = ()) -> MigrationPlan:
    """The migration from the running module to a program's; raises Problems, also for tables that must be empty.

    Cost: none per row. What depends on rows, such as a unique constraint that they break, shows when it is published.
    """
    plan = plan_migration(live.module, module_of(prepared), renames)
    if isinstance(plan, tuple):
        raise Problems(plan)
    problems = tuple(tables_in_the_way(plan.new, before_of(plan, live.tables_by_name)))
    if problems:
        raise Problems(problems)
    return plan


def publish(
    timeline: Timeline,
    owner: Identity,
    prepared: Prepared,
    *,
    allow_breaking: bool,
    log: Log,
    renames: Iterable[Rename] = (),
) -> Published:
    """See `Database.publish`. Who must be dropped is the caller's to find."""
    live = timeline.live
    if live is None:
        return _create(timeline, owner, prepared, log)
    if prepared.program.hash == live.program.hash:
        return Published(is_new=False, is_changed=False, plan=None, drop=(), offset=timeline.last_offset)
    plan = plan_over(live, prepared, renames)
    if plan.breaks_clients and not allow_breaking:
        raise Problems([BreaksClients()])
    return _migrate(timeline, owner, live, prepared, plan, log)


def _create(timeline: Timeline, owner: Identity, prepared: Prepared, log: Log) -> Published:
    module = module_of(prepared)
    tables = next_tables(module, {}, timeline.journal)
    next_live = deploy(prepared, module, tables.tables, log)
    _tell_created(timeline, tables.created)
    extra = Extra(schema=tables.schema_change(prepared))
    init = next_live.lifecycle.get(Lifecycle.INIT)
    if init is None:
        committed = timeline.note(next_live, owner, None, EntryKind.MIGRATION, extra)
    else:
        timeline.tell(LogLevel.INFO, "Invoking `init` reducer")
        committed = timeline.run(next_live, init, b"", (), owner, None, None, EntryKind.LIFECYCLE, extra)
        if committed.outcome.kind is not OutcomeKind.DONE:
            next_live.instance.close()
            raise InitFailed(init.name, committed.outcome)
    timeline.live = next_live
    timeline.tell(LogLevel.INFO, "Database initialized")
    return Published(is_new=True, is_changed=True, plan=None, drop=(), offset=committed.offset)


def _migrate(
    timeline: Timeline, owner: Identity, live: Deployment, prepared: Prepared, plan: MigrationPlan, log: Log
) -> Published:
    tables = next_tables(plan.new, before_of(plan, live.tables_by_name), timeline.journal)
    next_live = deploy(prepared, plan.new, tables.tables, log)
    extra = Extra(
        schema=tables.schema_change(prepared),
        replaced=live,
        sequences=tables.sequences,
        rewritten=tables.rewritten,
    )
    committed = timeline.note(next_live, owner, None, EntryKind.MIGRATION, extra)
    timeline.switch(next_live)
    _tell_changes(timeline, plan, tables.created)
    timeline.tell(LogLevel.INFO, f"Updated program to {prepared.program.hash}")
    timeline.tell(LogLevel.INFO, "Database updated")
    return Published(is_new=False, is_changed=True, plan=plan, drop=(), offset=committed.offset)


def _tell_changes(timeline: Timeline, plan: MigrationPlan, created: Iterable[Table]) -> None:
    """Say in the log what the steps over stored rows did, in the order and the words of SpacetimeDB."""
    for step in plan.steps:
        match step:
            case RenameTable():
                timeline.tell(LogLevel.INFO, f"Renaming table `{step.old}` to `{step.table}`")
            case RenameColumn():
                timeline.tell(LogLevel.INFO, f"Renaming column `{step.old}` of table `{step.table}` to `{step.column}`")
            case RemoveTable():
                timeline.tell(LogLevel.INFO, f"Dropping table `{step.table}`")
            case ChangeColumns() | AddColumns():
                timeline.tell(LogLevel.INFO, f"Changing columns of table `{step.table}`")
            case ReschemaEventTable():
                timeline.tell(LogLevel.INFO, f"Changing schema of event table `{step.table}`")
    _tell_created(timeline, created)
    if plan.breaks_clients:
        timeline.tell(LogLevel.INFO, "Disconnecting all users")


def _tell_created(timeline: Timeline, tables: Iterable[Table]) -> None:
    for table in tables:
        timeline.tell(LogLevel.INFO, f"Creating table `{table.name}`")

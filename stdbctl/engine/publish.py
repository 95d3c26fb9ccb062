"""Publishing: build the next deployment beside the running one, write it down, switch one reference."""

from collections.abc import Generator, Iterable

from stdbctl.engine.beginning import LastWords, begin
from stdbctl.engine.deployment import Deployment, catalog_of, functions_of, lifecycle_of, timetables_of
from stdbctl.engine.errors import BreaksClients, InitFailed
from stdbctl.engine.group_commit import Connection, Extra
from stdbctl.engine.next_tables import NextTables, before_of, next_tables
from stdbctl.engine.plan_over import module_of, plan_over
from stdbctl.engine.ports import Log, Prepared
from stdbctl.engine.results import Progress, Published, Sample
from stdbctl.engine.rewrites import Pause, Rewriter, Rewriting, Rewritten, never
from stdbctl.engine.table import Table
from stdbctl.engine.takeover import Before
from stdbctl.engine.timeline import Timeline
from stdbctl.errors import Problems
from stdbctl.records import EntryKind, LogLevel
from stdbctl.sats import Identity
from stdbctl.schema import (
    AddColumns,
    ChangeColumns,
    Choices,
    MigrationPlan,
    ModuleDef,
    RemoveTable,
    RenameColumn,
    RenameTable,
    ReschemaEventTable,
    RewriteRows,
)

SAMPLE_ROWS = 3
"""Rows of each table that a dry run shows before and after."""


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
        seed=prepared.seed,
    )


def publish(
    timeline: Timeline,
    owner: Identity,
    prepared: Prepared,
    *,
    allow_breaking: bool,
    choices: Choices,
    log: Log,
    pause: Pause = never,
) -> Generator[Progress | None, None, Published]:
    """See `Database.publishing`. Who must be dropped is the caller's to find."""
    live = timeline.live
    if live is None:
        return create(timeline, owner, prepared, log)
    if prepared.program.hash == live.program.hash and not choices.dropped:
        return Published(is_new=False, is_changed=False, plan=None, drop=(), offset=timeline.last_offset)
    plan = plan_over(live, prepared, choices)
    if plan.breaks_clients and not allow_breaking:
        raise Problems([BreaksClients()])
    return (yield from _migrate(timeline, owner, live, prepared, plan, choices, log, pause))


def create(
    timeline: Timeline, owner: Identity, prepared: Prepared, log: Log, *, ended: tuple[Connection, ...] = ()
) -> Published:
    """Make the tables of a program and run its `init`, in place of all that there is. `ended`: connections that end."""
    module, live = module_of(prepared), timeline.live
    old = {} if live is None else {t.name: Before(t, t.definition) for t in live.tables.values()}
    tables = next_tables(module, old, timeline.journal, known=timeline.table_names, dropped=old)
    words = LastWords(log)
    next_live = deploy(prepared, module, tables.tables, words)
    for table in tables.dropped:
        timeline.tell(LogLevel.INFO, f"Dropping table `{table.name}`")
    _tell_created(timeline, tables.created)
    extra = Extra(schema=tables.schema_change(prepared, module), replaced=live, rewritten=tables.rewritten, left=ended)
    try:
        committed = begin(timeline, next_live, owner, extra)
    except BaseException as error:
        next_live.instance.close()
        if isinstance(error, InitFailed):
            raise InitFailed(error.name, error.outcome, error.kind, words.text) from error
        raise
    timeline.start(next_live)
    timeline.table_names |= tables.names
    timeline.tell(LogLevel.INFO, "Database initialized")
    return Published(is_new=live is None, is_changed=True, plan=None, drop=(), offset=committed.offset)


def _migrate(
    timeline: Timeline,
    owner: Identity,
    live: Deployment,
    prepared: Prepared,
    plan: MigrationPlan,
    choices: Choices,
    log: Log,
    pause: Pause,
) -> Generator[Progress | None, None, Published]:
    tables = _next_tables(timeline, live, plan, choices)
    next_live = deploy(prepared, plan.new, tables.tables, log)
    rewritten = yield from _rewrite(timeline, owner, live, next_live, tables, pause)
    extra = Extra(
        schema=tables.schema_change(prepared, plan.new),
        replaced=live,
        sequences=tables.sequences + rewritten.sequences,
        rewritten=tuple(sorted(tables.rewritten + rewritten.changes, key=lambda change: change.table_id)),
    )
    committed = timeline.note(next_live, owner, None, EntryKind.MIGRATION, extra)
    timeline.switch(next_live)
    timeline.table_names |= tables.names
    _tell_changes(timeline, plan, tables.created)
    timeline.tell(LogLevel.INFO, f"Updated program to {prepared.program.hash}")
    timeline.tell(LogLevel.INFO, "Database updated")
    return Published(
        is_new=False, is_changed=True, plan=plan, drop=(), offset=committed.offset, rewritten=rewritten.tables
    )


def _next_tables(timeline: Timeline, live: Deployment, plan: MigrationPlan, choices: Choices) -> NextTables:
    return next_tables(
        plan.new,
        before_of(plan, live.tables_by_name),
        timeline.journal,
        known=timeline.table_names,
        dropped=choices.dropped,
        rewrites=[step for step in plan.steps if isinstance(step, RewriteRows)],
    )


def _rewrite(
    timeline: Timeline, owner: Identity, live: Deployment, next_live: Deployment, tables: NextTables, pause: Pause
) -> Generator[Progress | None, None, Rewritten]:
    """Run the migration functions; whatever ends them before their end leaves the running deployment as it was."""
    if not tables.rewritings:
        return Rewritten()
    try:
        rewritten = yield from _rewriter(timeline, owner, live, next_live, pause).run(tables.rewritings)
        yield None
        return rewritten
    except BaseException:
        timeline.journal.forget()
        next_live.instance.close()
        timeline.running = live.instance
        raise


def _rewriter(
    timeline: Timeline, owner: Identity, live: Deployment, next_live: Deployment, pause: Pause = never
) -> Rewriter:
    fresh = frozenset(id_ for id_, table in next_live.tables.items() if live.tables.get(id_) is not table)
    return Rewriter(timeline, next_live, owner, fresh, pause)


def samples(
    timeline: Timeline,
    owner: Identity,
    live: Deployment,
    prepared: Prepared,
    plan: MigrationPlan,
    choices: Choices,
    log: Log,
) -> Generator[None, None, tuple[Sample, ...]]:
    """See `Database.sampling`."""
    tables = _next_tables(timeline, live, plan, choices)
    next_live = deploy(prepared, plan.new, tables.tables, log)
    try:
        yield
        rewriter = _rewriter(timeline, owner, live, next_live)
        return tuple(_sample(rewriter, rewriting) for rewriting in tables.rewritings)
    finally:
        timeline.journal.forget()
        next_live.instance.close()
        timeline.running = live.instance


def _sample(rewriter: Rewriter, rewriting: Rewriting) -> Sample:
    found, old, new = rewriter.sample(rewriting, SAMPLE_ROWS), rewriting.before.table.codec, rewriting.table.codec
    every = tuple(range(len(old.definition.columns))), tuple(range(len(new.definition.columns)))
    return Sample(
        table=rewriting.table.name,
        function=rewriting.step.function,
        row_count=len(rewriting.before.table.rows),
        rows=tuple(
            (old.text(every[0], before.row), None if after is None else new.text(every[1], after))
            for before, after in found
        ),
    )


def _tell_changes(timeline: Timeline, plan: MigrationPlan, created: Iterable[Table]) -> None:
    """Say in the log what the steps over stored rows did, in the order and the words of SpacetimeDB."""
    for step in plan.steps:
        match step:
            case RenameTable():
                timeline.tell(LogLevel.INFO, f"Renaming table `{step.old}` to `{step.table}`")
            case RenameColumn():
                timeline.tell(LogLevel.INFO, f"Renaming column `{step.old}` of table `{step.table}` to `{step.column}`")
            case RewriteRows():
                timeline.tell(LogLevel.INFO, f"Rewriting table `{step.table}` by `{step.function}`")
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

"""Publishing a module: what the server thinks of it, the consent that it takes, and the closing line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdbctl.cli.catalog import counts_text, reducer_count
from stdbctl.cli.code_frames import problem_json
from stdbctl.cli.consent import require_consent, require_name
from stdbctl.cli.deploying import DeleteData
from stdbctl.cli.failures import Declined, UsageFault, is_about_flags
from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note
from stdbctl.cli.planners import Planner, ServerPlanner
from stdbctl.cli.rewriting import rewriting, sample_lines
from stdbctl.client.http import AutoMigration, ControlClient, PublishRefused, PublishResult, placed
from stdbctl.errors import Place, Problem, Problems
from stdbctl.project import database_name_error
from stdbctl.schema import NO_CHOICES, Choices, Subject

if TYPE_CHECKING:
    from stdbctl.cli.target import Target
    from stdbctl.records import Program
    from stdbctl.schema import ModuleDef


NOT_MIGRATED = """\
the changed schema cannot be migrated; what was deployed before still serves
(`--drop-table TABLE` loses the rows of one table, `stdbctl deploy NAME` deploys beside it)
"""
_OPS = {"create": "created", "none": "unchanged", "clear": "cleared", "update": "updated"}
"""What was done, by what was to be changed."""


class SchemaRefused(Problem):
    """The stored data cannot be brought to the new schema."""

    code = "cli.schema_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            what="the changed schema cannot be migrated; what was deployed before still serves",
            why=reason,
            fix="do as it says there, or write a function with `@migration(Table)` that makes the rows anew, lose the "
            "rows of one table with `--drop-table TABLE`, or deploy under another name with `stdbctl deploy NAME`",
        )


class ModuleRefused(Problem):
    """The server could not take the module."""

    code = "cli.module_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            what="the server refused the module; what was deployed before still serves",
            why=reason,
            fix="correct the module; `stdbctl logs` may say more",
        )


class PlanChanged(Declined):
    """The plan that was agreed to is not the one that would run; the present one has been shown."""

    def __init__(self) -> None:
        super().__init__(
            "nothing was changed: this is not the plan that was agreed to",
            why="the module, or what the database runs, is another one since",
            fix="look at what a deploy would do now, shown above, and deploy again to agree to it",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a publish would do. `is_new`: the database does not exist yet; `is_same`: it runs this very program.

    `clears`: all rows are lost and it starts over, because of `conflict` where that says something.
    """

    is_new: bool = False
    is_same: bool = False
    clears: bool = False
    conflict: str = ""
    migration: AutoMigration | None = None
    choices: Choices = NO_CHOICES

    @property
    def change(self) -> str:
        """`create`, `none`, `clear` or `update`."""
        return "create" if self.is_new else "none" if self.is_same else "clear" if self.clears else "update"


def check_name(name: str) -> None:
    """Refuse a name that no database can have."""
    reason = database_name_error(name)
    if reason is not None:
        raise UsageFault(f"`{name}` cannot be a database's name", why=reason, fix="choose a name such as `my-board`")


def verdict(
    planner: Planner, program: "Program", choices: Choices, delete_data: DeleteData, places: "Mapping[Subject, Place]"
) -> Verdict:
    """Find out what the publish would do; raises Problems, at their `places`, for a change that cannot be migrated."""
    running = planner.program_hash()
    if running is None:
        return Verdict(is_new=True)
    if delete_data is DeleteData.ALWAYS:
        return Verdict(clears=True)
    if running == program.hash and choices == NO_CHOICES:
        return Verdict(is_same=True)
    try:
        migration = planner.migration(program, choices)
    except PublishRefused as error:
        raise Problems([ModuleRefused(error.text)]) from error
    if isinstance(migration, AutoMigration):
        return Verdict(migration=migration, choices=choices)
    if delete_data is DeleteData.ON_CONFLICT:
        return Verdict(clears=True, conflict=migration.reason)
    if not migration.problems:
        raise Problems([SchemaRefused(migration.reason)])
    refused = Problems(placed(migration.problems, places))
    if not is_about_flags(refused):
        note(NOT_MIGRATED)
    raise refused


def require_database(name: str, config_name: str, choices: Choices, delete_data: DeleteData) -> None:
    """Refuse flags about stored rows where there are none: the database's name may be misspelt, or no name at all.

    `config_name`: that of stdbctl.toml, which a deploy may make anew whatever it says of old rows.
    """
    if choices.renames or choices.dropped:
        flag = "--rename" if choices.renames else "--drop-table"
        raise UsageFault(
            f"there is no database `{name}` yet", why=f"`{flag}` is about its tables", fix=_leave_out(flag)
        )
    if delete_data is not DeleteData.NEVER and name != config_name:
        modes = ", ".join(f"`{mode.value}`" for mode in DeleteData)
        raise UsageFault(
            f"there is no database `{name}` whose rows could be deleted",
            why=f"`--delete-data` takes {modes}, and any other word is the database's name",
            fix=f"name one of `stdbctl list`, such as `{config_name}`; {_leave_out('--delete-data')}",
        )


def _leave_out(flag: str) -> str:
    return f"leave `{flag}` out to create it"


def require_plan(database: str, verdict: Verdict, token: str | None) -> None:
    """Refuse, and show, any plan but the one with this token; None takes all."""
    if token is None or (verdict.migration is not None and verdict.migration.token == token):
        return
    if verdict.migration is None:
        note(_outcome(database, verdict))
    else:
        note(verdict.migration.plan)
        note(f"plan {verdict.migration.token}")
    raise PlanChanged


def require_break(verdict: Verdict, *, agreed: bool) -> None:
    """Ask when clients would be disconnected; `agreed` is the answer by flag."""
    if verdict.migration is None or not verdict.migration.breaks_clients:
        return
    if not agreed:
        note(verdict.migration.plan)
    question = "The new schema disconnects clients with older bindings. Deploy it?"
    require_consent(question, flag="--break-clients", is_given=agreed)


def require_loss(client: ControlClient, database: str, verdict: Verdict, *, given: str | None) -> None:
    """Ask for the name of the database when all of its rows would be lost; `given`: the name by flag or argument."""
    if verdict.conflict:
        note(f"the changed schema cannot be migrated:\n{verdict.conflict}")
    counts = row_counts(client, database)
    rows = counted(sum(counts.values()), "row")
    require_name(database, f"all data of `{database}` ({rows} in {counted(len(counts), 'table')})", given=given)


def row_counts(client: ControlClient, database: str) -> dict[str, int]:
    """How many rows each table has, by name."""
    names = [table.name for table in client.schema(database).tables if not table.is_event]
    return {name: client.sql(database, f'SELECT COUNT(*) AS n FROM "{name}"')[0].rows[0][0] for name in names}


def publish(client: ControlClient, database: str, program: "Program", verdict: Verdict) -> PublishResult:
    """Publish what was agreed to; PlanChanged when another plan would run by now."""
    migration = verdict.migration
    is_bound = migration is not None and migration.breaks_clients
    samples = () if migration is None else migration.samples
    try:
        with rewriting(samples) as on_progress:
            return client.publish(
                database,
                program.data,
                host_type=program.kind.value,
                allowed_plan=migration.token if migration is not None and is_bound else None,
                renames=[*map(str, verdict.choices.renames)],
                dropped=verdict.choices.dropped,
                clear=verdict.clears,
                on_progress=on_progress,
            )
    except PublishRefused as error:
        if is_bound and "does not match expected hash" in error.text:
            _show_present_plan(client, database, program, verdict.choices)
            raise PlanChanged from error
        raise Problems([ModuleRefused(error.text)]) from error


def _show_present_plan(client: ControlClient, database: str, program: "Program", choices: Choices) -> None:
    present = ServerPlanner(client, database).migration(program, choices)
    note(present.plan if isinstance(present, AutoMigration) else present.reason)


def show_plan(target: "Target", verdict: Verdict, warnings: Sequence[Problem], format_: Format) -> None:
    """The answer of a dry run."""
    migration = verdict.migration
    if format_ is Format.JSON:
        answer_json(
            {
                "ok": True,
                "database": target.database,
                "change": verdict.change,
                "breaks_clients": verdict.clears or (migration is not None and migration.breaks_clients),
                "plan": "" if migration is None else migration.plan,
                "steps": [] if migration is None else [*migration.steps],
                "lost_rows": {} if migration is None else dict(migration.lost_rows),
                "samples": [] if migration is None else [*migration.samples],
                "token": None if migration is None else migration.token,
                "warnings": [*map(problem_json, warnings)],
            }
        )
    elif migration is not None:
        answer(migration.plan.rstrip("\n"))
        for line in sample_lines(migration.samples):
            answer(line)
        for table, count in migration.lost_rows.items():
            answer(f"{counted(count, 'row')} of {table} would be lost")
        answer(f"plan {migration.token}")
    else:
        answer(_outcome(target.database, verdict))


def _outcome(database: str, verdict: Verdict) -> str:
    """What would be done where no plan says it."""
    if verdict.is_new:
        return f"would create {database}"
    if verdict.is_same:
        return f"{database} already runs this module"
    why = f" because it cannot be migrated:\n{verdict.conflict}" if verdict.conflict else ""
    return f"would lose all data of {database} and start over{why}"


def close(
    target: "Target",
    client: ControlClient,
    verdict: Verdict,
    result: PublishResult | None,
    module: "ModuleDef",
    warnings: Sequence[Problem],
    seconds: float,
    format_: Format,
) -> None:
    """The closing line, or the JSON object that says the same. `result`: None when nothing was published."""
    snapshot = None if result is None else result.snapshot
    if format_ is Format.JSON:
        answer_json(
            {
                "ok": True,
                "database": target.database,
                "identity": client.database(target.database).identity.to_hex(),
                "op": _OPS[verdict.change],
                "url": target.url(),
                "tables": len(module.tables),
                "reducers": reducer_count(module),
                "snapshot": snapshot,
                "warnings": [*map(problem_json, warnings)],
                "duration_ms": round(seconds * 1000),
            }
        )
        return
    if snapshot is not None:
        note(f"what was lost is in the snapshot {snapshot}; undo with `stdbctl undo`")
    verb = "unchanged: checked" if verdict.is_same else "deployed"
    answer(f"{verb} {target.database} in {milliseconds(seconds)} · {counts_text(module)} · {target.url()}")

"""Publishing a module: what the server thinks of it, the consent that it takes, and the closing line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stdbctl.cli.catalog import counts_text, reducer_count
from stdbctl.cli.code_frames import problem_json
from stdbctl.cli.consent import require_consent
from stdbctl.cli.embedded import running_server, start_detached
from stdbctl.cli.failures import UsageFault
from stdbctl.cli.output import Format, answer, answer_json, milliseconds, note
from stdbctl.client.http import AutoMigration, ControlClient, ManualMigration, NoSuchDatabase, PublishRefused
from stdbctl.errors import Problem, Problems
from stdbctl.project import database_name_error

if TYPE_CHECKING:
    from stdbctl.cli.target import Target
    from stdbctl.records import Program
    from stdbctl.schema import ModuleDef, Rename


class SchemaRefused(Problem):
    """The stored data cannot be brought to the new schema."""

    code = "cli.schema_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            what="the changed schema cannot be migrated; what was deployed before still serves",
            why=reason,
            fix="take the change back, or deploy under another name with `stdbctl deploy NAME`",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a publish would do. `is_new`: the database does not exist yet; `is_same`: it runs this very program."""

    is_new: bool = False
    is_same: bool = False
    migration: AutoMigration | None = None
    renames: tuple[str, ...] = ()


def check_name(name: str) -> None:
    """Refuse a name that no database can have."""
    reason = database_name_error(name)
    if reason is not None:
        raise UsageFault(f"`{name}` cannot be a database's name", why=reason, fix="choose a name such as `my-board`")


def ensure_server(target: "Target") -> None:
    """Start the embedded server if it is the target and does not run, and say so."""
    if target.is_local and running_server(target.project.state) is None:
        record = start_detached(target.project)
        note(f"started the embedded server: {record.url} (end it with `stdbctl stop`)")


def verdict(client: ControlClient, database: str, program: "Program", renames: Sequence["Rename"] = ()) -> Verdict:
    """Ask the server what the publish would do; raises Problems for a change that cannot be migrated."""
    try:
        info = client.database(database)
        if info.program_hash == program.hash:
            return Verdict(is_same=True)
        migration = client.pre_publish(
            database, program.data, host_type=program.kind.value, renames=[*map(str, renames)]
        )
    except NoSuchDatabase:
        return Verdict(is_new=True)
    except PublishRefused as error:
        raise Problems([ModuleRefused(error.text)]) from error
    if isinstance(migration, ManualMigration):
        raise Problems([SchemaRefused(migration.reason)])
    return Verdict(migration=migration, renames=tuple(map(str, renames)))


def publish(client: ControlClient, database: str, program: "Program", verdict: Verdict, *, agreed: bool) -> None:
    """Publish, after asking when clients would be disconnected; `agreed` is the answer by flag."""
    allowed = None
    if verdict.migration is not None and verdict.migration.breaks_clients:
        question = "The new schema disconnects clients with older bindings. Deploy it?"
        if not agreed:
            note(verdict.migration.plan)
        require_consent(question, flag="--break-clients", is_given=agreed)
        allowed = verdict.migration.token
    try:
        client.publish(
            database, program.data, host_type=program.kind.value, allowed_plan=allowed, renames=verdict.renames
        )
    except PublishRefused as error:
        raise Problems([ModuleRefused(error.text)]) from error


def show_plan(target: "Target", verdict: Verdict, warnings: Sequence[Problem], format_: Format) -> None:
    """The answer of a dry run."""
    migration = verdict.migration
    kind = "create" if verdict.is_new else "none" if verdict.is_same else "update"
    if format_ is Format.JSON:
        breaks = migration is not None and migration.breaks_clients
        plan = migration.plan if migration is not None else ""
        shown = {"change": kind, "breaks_clients": breaks, "plan": plan, "warnings": [*map(problem_json, warnings)]}
        answer_json({"ok": True, "database": target.database, **shown})
    elif migration is not None:
        answer(migration.plan.rstrip("\n"))
    elif verdict.is_new:
        answer(f"would create {target.database} · {target.url()}")
    else:
        answer(f"{target.database} already runs this module · {target.url()}")


def close(
    target: "Target",
    client: ControlClient,
    verdict: Verdict,
    module: "ModuleDef",
    warnings: Sequence[Problem],
    seconds: float,
    format_: Format,
) -> None:
    """The closing line, or the JSON object that says the same."""
    if format_ is Format.JSON:
        answer_json(
            {
                "ok": True,
                "database": target.database,
                "identity": client.database(target.database).identity.to_hex(),
                "op": "created" if verdict.is_new else "unchanged" if verdict.is_same else "updated",
                "url": target.url(),
                "tables": len(module.tables),
                "reducers": reducer_count(module),
                "warnings": [*map(problem_json, warnings)],
                "duration_ms": round(seconds * 1000),
            }
        )
        return
    verb = "unchanged: checked" if verdict.is_same else "deployed"
    answer(f"{verb} {target.database} in {milliseconds(seconds)} · {counts_text(module)} · {target.url()}")

"""`stdbctl deploy`: publish the module."""

import time
from pathlib import Path
from typing import Annotated

import typer

from stdbctl.cli.exits import ExitCode
from stdbctl.cli.options import FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format


def deploy(
    database: Annotated[str | None, typer.Argument(metavar="DB", help="The name (default: the project's).")] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on: deploy and generate at each save.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    break_clients: Annotated[
        bool, typer.Option("--break-clients", help="Agree to disconnect clients whose bindings no longer fit.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD:NEW", help="`old_table:new_table` or `table.old:new` (a column); several allowed."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to all questions but those about losing data.")
    ] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> int:
    """Publish the module; starts the embedded server when none runs."""
    if watch:
        return _watch(database, dry_run, break_clients or yes, rename, project, server, user, format_)
    _once(database, dry_run, break_clients or yes, rename or [], not yes, project, server, user, format_)
    return ExitCode.DONE


def _once(
    database: str | None,
    dry_run: bool,
    agreed: bool,
    rename: list[str],
    asks: bool,
    project: Path | None,
    server: str | None,
    user: str | None,
    format_: Format,
) -> None:
    from stdbctl.cli import publishing
    from stdbctl.cli.failures import show_warnings
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.renaming import ask_for_renames, checked_renames
    from stdbctl.cli.target import find_target
    from stdbctl.module import concerns, pack

    started = time.perf_counter()
    given = checked_renames(rename)
    target = find_target(project, server, user, database)
    publishing.check_name(target.database)
    loaded = load_module(target.project)
    warnings = concerns(loaded)
    if format_ is Format.TEXT:
        show_warnings(warnings)
    program = pack(target.project.module_path, target.project.root)
    publishing.ensure_server(target)
    with target.connect() as client:
        renames = ask_for_renames(client, target.database, loaded.module, given, asks=asks)
        verdict = publishing.verdict(client, target.database, program, renames)
        if dry_run:
            publishing.show_plan(target, verdict, warnings, format_)
            return
        if not verdict.is_same:
            publishing.publish(client, target.database, program, verdict, agreed=agreed)
        elapsed = time.perf_counter() - started
        publishing.close(target, client, verdict, loaded.module, warnings, elapsed, format_)


def _watch(
    database: str | None,
    dry_run: bool,
    agreed: bool,
    rename: list[str] | None,
    project: Path | None,
    server: str | None,
    user: str | None,
    format_: Format,
) -> int:
    """The loop of `dev` without client and log; a server that it starts is left running, as by a plain deploy."""
    from stdbctl.cli.development import Wishes, run_session
    from stdbctl.cli.failures import UsageFault

    if dry_run:
        raise UsageFault("`--dry-run` and `--watch` exclude each other", fix="leave one of them out")
    if rename:
        raise UsageFault(
            "`--rename` and `--watch` exclude each other",
            why="it is about one deploy",
            fix='deploy once with `--rename`, or write `was` into the module: `Annotated[…, column(was="old")]`',
        )
    wishes = Wishes(
        project=project,
        server=server,
        user=user,
        database=database,
        format=format_,
        with_client=False,
        with_log=False,
        may_drop_clients=agreed,
    )
    return run_session(wishes, leaves_server=True)

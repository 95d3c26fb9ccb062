"""`stdbctl deploy`: publish the module."""

import time
from typing import Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format


def deploy(
    database: Annotated[str | None, typer.Argument(metavar="DB", help="The name (default: the project's).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    break_clients: Annotated[
        bool, typer.Option("--break-clients", help="Agree to disconnect clients whose bindings no longer fit.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to all questions but those about losing data.")
    ] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Publish the module; starts the embedded server when none runs."""
    from stdbctl.cli import publishing
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_target
    from stdbctl.module import pack

    started = time.perf_counter()
    target = find_target(project, server, user, database)
    publishing.check_name(target.database)
    loaded = load_module(target.project)
    program = pack(target.project.module_path, target.project.root)
    publishing.ensure_server(target)
    with target.connect() as client:
        verdict = publishing.verdict(client, target.database, program)
        if dry_run:
            publishing.show_plan(target, verdict, format_)
            return
        if not verdict.is_same:
            publishing.publish(client, target.database, program, verdict, agreed=yes or break_clients)
        publishing.close(target, client, verdict, loaded.module, time.perf_counter() - started, format_)

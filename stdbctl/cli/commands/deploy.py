"""`stdbctl deploy`: publish the module."""

from typing import Annotated

import typer

from stdbctl.cli.deploying import DeleteData, Deploy
from stdbctl.cli.exits import ExitCode
from stdbctl.cli.options import ConfirmOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format


def deploy(
    database: Annotated[str | None, typer.Argument(metavar="DB", help="The name (default: the project's).")] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on: deploy and generate at each save.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
    plan: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="Run this very plan, as `--dry-run` showed it, or nothing.")
    ] = None,
    break_clients: Annotated[
        bool, typer.Option("--break-clients", help="Agree to disconnect clients whose bindings no longer fit.")
    ] = False,
    rename: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD:NEW", help="`old_table:new_table` or `table.old:new` (a column); several allowed."),
    ] = None,
    drop_table: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE", help="Agree to lose the rows of a table that cannot be kept; several allowed."),
    ] = None,
    delete_data: Annotated[
        DeleteData,
        typer.Option(
            "--delete-data",
            "-c",
            "--clear-database",
            metavar="MODE",
            help="Lose all rows and start over: `never`, `on-conflict`, `always` (without a value). Name DB to agree.",
        ),
    ] = DeleteData.NEVER,
    confirm: ConfirmOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Agree to all questions but those about losing data.")
    ] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> int:
    """Publish the module; starts the embedded server when none runs."""
    wishes = Deploy(
        database=database,
        is_dry_run=dry_run,
        plan=plan,
        may_drop_clients=break_clients or yes,
        renames=tuple(rename or ()),
        drop_tables=tuple(drop_table or ()),
        delete_data=delete_data,
        confirmed=confirm if confirm is not None else database,
        asks=not yes,
        project=project,
        server=server,
        user=user,
        format=format_,
    )
    if watch:
        from stdbctl.cli.deploying import watch as watch_project

        return watch_project(wishes)
    wishes.run()
    return ExitCode.DONE

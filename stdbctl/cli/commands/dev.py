"""`stdbctl dev`: the development loop."""

from typing import Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format


def dev(
    database: Annotated[str | None, typer.Argument(metavar="DB", help="The name (default: the project's).")] = None,
    no_client: Annotated[bool, typer.Option("--no-client", help="Do not run the client's command.")] = False,
    run: Annotated[
        str | None, typer.Option("--run", metavar="CMD", help="The client's command (default: `\\[dev] run`).")
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Serve in this process without time limits; `breakpoint()` works here.")
    ] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> int:
    """Serve, deploy, generate and run the client; every save is live at once. Ctrl-C ends it all."""
    from stdbctl.cli.development import Wishes, run_session

    wishes = Wishes(
        project=project,
        server=server,
        user=user,
        database=database,
        format=format_,
        with_client=not no_client,
        run=run,
        with_log=True,
        may_drop_clients=True,
    )
    if debug:
        from stdbctl.cli.debugging import run_debug_session

        return run_debug_session(wishes)
    return run_session(wishes, leaves_server=False)

"""`stdbctl undo`: take back the last step that lost data."""

from typing import Annotated

import typer

from stdbctl.cli.commands.snapshot import ConfirmOption
from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption
from stdbctl.cli.output import Format


def undo(
    name: Annotated[
        str | None, typer.Argument(metavar="DB", help="The database, by which you agree that it changes.")
    ] = None,
    confirm: ConfirmOption = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Take back the last step that lost data: a deploy, a reset, a restore, an undo. Its module comes back, too."""
    from stdbctl.cli.snapshots import newest_automatic, open_desk, restore_with_consent
    from stdbctl.cli.target import one_database

    with open_desk(project, server, one_database(name, database)) as desk:
        last = newest_automatic(desk)
        restore_with_consent(
            desk,
            last["name"],
            with_module=True,
            confirm=confirm or name,
            format_=format_,
            undone=last["detail"] or last["step"],
        )

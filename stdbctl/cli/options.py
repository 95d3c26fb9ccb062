"""Options that many commands share, each with one name, help text and check."""

from pathlib import Path
from typing import Annotated

import typer

from stdbctl.cli.output import Format


class Invocation:
    """What the entry point must know of a running command to report its end."""

    format = Format.TEXT


def _remember_format(context: typer.Context, value: Format) -> Format:
    if isinstance(context.obj, Invocation):
        context.obj.format = value
    return value


ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", help="The project (default: the nearest folder upwards with a stdbctl.toml)."
    ),
]
ServerOption = Annotated[
    str | None,
    typer.Option("--server", "-s", metavar="URL", help="`local` (the embedded server) or a server's URL."),
]
UserOption = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="Act as a local user, made and remembered on first use."),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", "-d", metavar="DB", help="The database (default: the project's)."),
]
FormatOption = Annotated[
    Format,
    typer.Option("--format", help="How the answer is written.", callback=_remember_format),
]
DatabaseArgument = Annotated[
    str | None,
    typer.Argument(metavar="DB", help="The database (default: the project's).", show_default=False),
]
ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="The database's name: agree that data in it is lost."),
]

"""`stdbctl snapshot`: keep copies of a database, compare them, go back to them."""

import time
from datetime import datetime
from typing import Annotated, Any  # Any: JSON data and typer's settings

import typer

from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption
from stdbctl.cli.output import Format, answer, answer_json, milliseconds

ROWS_SHOWN = 3
"""Rows of each kind and table that `diff` shows; `--rows` says another number."""
ROWS_MAX = 1_000
ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="DB", help="Agree to change this database; its name, so that no other is meant."),
]


def snapshot_app(settings: dict[str, Any]) -> typer.Typer:
    """The commands under `snapshot`."""
    app = typer.Typer(
        help="Keep copies of the database, compare them, go back to them.",
        context_settings=settings,
    )
    for command in (save, list_, restore, diff, delete):
        app.command(command.__name__.rstrip("_"), context_settings=settings)(command)
    return app


def save(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Its name (default: the present time).")] = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Keep a copy of the database as it is now; calls go on meanwhile."""
    from stdbctl.cli.snapshots import answer_done, open_desk, size_text, total_rows_text

    started = time.perf_counter()
    with open_desk(project, server, database) as desk:
        made = desk.save(name or datetime.now().strftime("%Y-%m-%d-%H%M%S"))
    seconds = time.perf_counter() - started
    if format_ is Format.JSON:
        answer_done(made, seconds)
    else:
        answer(
            f"saved `{made['name']}` in {milliseconds(seconds)} · {total_rows_text(made)} · {size_text(made['bytes'])}"
        )


def list_(
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show the snapshots of the database, the oldest first."""
    from stdbctl.cli.snapshots import open_desk, show_list

    with open_desk(project, server, database) as desk:
        found = desk.all()
    if format_ is Format.JSON:
        answer_json({"snapshots": found})
    else:
        show_list(found)


def restore(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The snapshot.")],
    with_module: Annotated[
        bool, typer.Option("--with-module", help="Bring its module back even where the running one fits its tables.")
    ] = False,
    confirm: ConfirmOption = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Bring the database back to a snapshot. What is there now is kept as a snapshot first."""
    from stdbctl.cli.snapshots import open_desk, restore_with_consent

    with open_desk(project, server, database) as desk:
        restore_with_consent(desk, name, with_module=with_module, confirm=confirm, format_=format_)


def diff(
    name: Annotated[str, typer.Argument(metavar="A", help="The snapshot to begin with.")],
    other: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Another snapshot (default: what is there now).")
    ] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=0, max=ROWS_MAX, metavar="N", help="Show at most N rows of each kind.")
    ] = ROWS_SHOWN,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show which rows came, went and changed from A to B, by primary key."""
    from stdbctl.cli.snapshots import open_desk, show_diff

    with open_desk(project, server, database) as desk:
        found = desk.diff(name, other, rows)
    if format_ is Format.JSON:
        answer_json(found)
    else:
        show_diff(found)


def delete(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The snapshot.")],
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Delete a snapshot."""
    from stdbctl.cli.snapshots import answer_done, open_desk

    started = time.perf_counter()
    with open_desk(project, server, database) as desk:
        desk.delete(name)
    seconds = time.perf_counter() - started
    if format_ is Format.JSON:
        answer_done({"deleted": name}, seconds)
    else:
        answer(f"deleted snapshot `{name}` in {milliseconds(seconds)}")

"""`stdbctl reset`: back to what a database begins with."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import ConfirmOption, DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note
from stdbctl.errors import Fault, Problems

if TYPE_CHECKING:
    from stdbctl.client.http import ControlClient, ResetResult


class ResetFailed(Fault):
    """`init` or a seed function ended with an error; nothing was changed."""

    code = "cli.reset_failed"


def reset(
    name: Annotated[
        str | None, typer.Argument(metavar="DB", help="The database, by which you agree to lose its rows.")
    ] = None,
    confirm: ConfirmOption = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Empty all tables and run `init` and the seed anew; module and clients stay."""
    from stdbctl.cli.consent import require_name
    from stdbctl.cli.serving import served
    from stdbctl.cli.target import find_target, one_database

    started = time.perf_counter()
    target = find_target(project, server, user, one_database(name, database))
    with served(target) as client:
        client.database(target.database)
        require_name(target.database, f"all rows of `{target.database}`", given=confirm or name)
        result = _reset(client, target.database)
    _close(target.database, result, time.perf_counter() - started, format_)


def _reset(client: "ControlClient", database: str) -> "ResetResult":
    from stdbctl.client.http import FunctionFailed, ImportRefused

    try:
        return client.reset(database)
    except ImportRefused as error:
        if not error.problems:
            raise
        raise Problems(error.problems) from error
    except FunctionFailed as error:
        raise ResetFailed(error.text, fix="`stdbctl logs -n 20` says where") from error


def _close(database: str, result: "ResetResult", seconds: float, format_: Format) -> None:
    if format_ is Format.JSON:
        rows = {"deleted": result.deleted, "inserted": result.inserted}
        data = {"ok": True, "database": database, "offset": result.offset, **rows, "snapshot": result.snapshot}
        answer_json({**data, "duration_ms": round(seconds * 1000)})
        return
    if result.snapshot is not None:
        note(f"before that the snapshot `{result.snapshot}` was taken; undo with `stdbctl undo`")
    counts = f"{counted(result.deleted, 'row')} deleted, {result.inserted} inserted"
    answer(f"reset {database} in {milliseconds(seconds)} · {counts}")

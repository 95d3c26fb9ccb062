"""`stdbctl delete`: a database and all that it holds."""

import time
from typing import Annotated

import typer

from stdbctl.cli.options import ConfirmOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, milliseconds


def delete(
    database: Annotated[
        str | None, typer.Argument(metavar="DB", help="The name; giving it is the consent (default: the project's).")
    ] = None,
    confirm: ConfirmOption = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Delete a database for good: rows, history, log and snapshots."""
    from stdbctl.cli.consent import require_name
    from stdbctl.cli.target import find_target

    started = time.perf_counter()
    target = find_target(project, server, user, database)
    with target.connect() as client:
        info = client.database(target.database)
        lost = f"everything in `{target.database}`, its snapshots too,"
        require_name(target.database, lost, given=confirm if confirm is not None else database)
        client.delete(target.database)
    elapsed = time.perf_counter() - started
    if format_ is Format.JSON:
        identity = info.identity.to_hex()
        done = {"ok": True, "database": target.database, "identity": identity, "duration_ms": round(elapsed * 1000)}
        answer_json(done)
    else:
        answer(f"deleted {target.database} in {milliseconds(elapsed)} · {target.url()}")

"""`stdbctl history`: what happened to a database, transaction by transaction."""

import re
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.options import DatabaseArgument, DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, Painter, answer, note
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.cli.target import Target
    from stdbctl.schema import ModuleDef

ROWS_SHOWN = 3
"""Rows of each table and kind that the list shows of one transaction; `--offset` shows all."""
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
OPERATOR = "operator"


class NoSuchTransaction(Fault):
    """The database keeps no transaction of this number."""

    code = "cli.no_such_transaction"


def history(
    name: DatabaseArgument = None,
    num: Annotated[int, typer.Option("--num", "-n", min=0, metavar="N", help="The last N that pass the filter.")] = 20,
    function: Annotated[
        str | None, typer.Option("--function", metavar="NAME", help="Only runs of this reducer or hook.")
    ] = None,
    caller: Annotated[
        str | None,
        typer.Option("--caller", metavar="WHO", help="Only of this caller: `operator`, a local user, or hex digits."),
    ] = None,
    table: Annotated[
        str | None, typer.Option("--table", metavar="NAME", help="Only what changed rows of this table.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Only since a moment, or for the last `30s`, `5m`, `2h`, `1d`."),
    ] = None,
    offset: Annotated[
        int | None, typer.Option("--offset", min=1, metavar="N", help="Only transaction N, with all its rows.")
    ] = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show what happened to the database: each call with its arguments, its caller and the rows that it changed."""
    from stdbctl.cli.history_lines import HistoryPrinter
    from stdbctl.cli.serving import served
    from stdbctl.cli.target import find_target, one_database

    target = find_target(project, server, user, one_database(name, database))
    parameters: dict[str, str | int] = {"limit": num}
    if function is not None:
        parameters["function"] = function
    if caller is not None:
        parameters["caller"] = _caller(target, caller)
    if since is not None:
        parameters["since"] = _moment(since)
    if offset is not None:
        parameters["offset"] = offset
    elif format_ is Format.TEXT:
        parameters["rows"] = ROWS_SHOWN
    with served(target) as client:
        module = client.schema(target.database)
        if table is not None:
            parameters["table"] = _table(module, table)
        with client.history(target.database, parameters) as lines:
            found = list(lines)
    if offset is not None and not found:
        raise _not_kept(offset)
    if not found:
        note("no transactions")
    painter = Painter(sys.stdout)
    printer = HistoryPrinter(module, _names(target))
    for raw in reversed(found):
        for text in [raw] if format_ is Format.JSON else painter.lines(printer.styled(raw)):
            answer(text)


def _not_kept(offset: int) -> NoSuchTransaction:
    return NoSuchTransaction(
        f"no transaction {offset} is kept that passes the filter",
        why="it is yet to come, or was deleted as old",
        fix="`stdbctl history` shows what there is; `[history]` in `stdbctl.toml` says how much is kept",
    )


def _table(module: "ModuleDef", name: str) -> str:
    """The canonical name of a table; faults: NoSuchEntity."""
    from stdbctl.cli.commands.describe import NoSuchEntity
    from stdbctl.nearest import did_you_mean

    found = module.table(name)
    if found is None:
        raise NoSuchEntity(f"no table `{name}`", fix=did_you_mean(name, [table.name for table in module.tables]))
    return found.name


def _names(target: "Target") -> Mapping[str, str]:
    """What to call identities: hex digits -> the operator, or a local user."""
    book = target.project.state.identities
    found = {user: book.find(target.server, user) for user in book.users(target.server)}
    names = {known.identity: user for user, known in found.items() if known is not None}
    operator = _operator(target)
    return names if operator is None else {**names, operator: OPERATOR}


def _operator(target: "Target") -> str | None:
    """The identity of the embedded server's operator, where this project knows it."""
    from stdbctl.client.http import identity_of_token

    token = target.project.state.operator_token() if target.is_local else None
    return None if token is None else identity_of_token(token).to_hex()


def _caller(target: "Target", text: str) -> str:
    """The first hex digits of a caller's identity; faults: UsageFault."""
    known = {name: identity for identity, name in _names(target).items()}
    if text in known:
        return known[text]
    digits = text.removeprefix("0x").lower()
    if re.fullmatch(r"[0-9a-f]{1,64}", digits):
        return digits
    names = ", ".join(f"`{name}`" for name in sorted(known))
    raise UsageFault(
        f"`{text}` is no caller", fix=f"write the first hex digits of an identity, or one of {names or '…'}"
    )


def _moment(text: str) -> int:
    """A moment in microseconds since 1970; faults: UsageFault."""
    from datetime import datetime

    from stdbctl.sats import Timestamp

    ago = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    try:
        if ago is not None:
            micros = time.time_ns() // 1000 - round(float(ago[1]) * _UNIT_SECONDS[ago[2]] * 1_000_000)
        else:
            micros = Timestamp.from_datetime(datetime.fromisoformat(text)).micros
    except (ValueError, OverflowError) as error:
        raise UsageFault(
            f"`{text}` is no moment", fix="write `2026-01-31T12:00:00Z`, or how long ago: `30s`, `5m`, `2h`, `1d`"
        ) from error
    return max(0, micros)

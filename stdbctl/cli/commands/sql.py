"""`stdbctl sql`: ask a database."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.options import DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, counted, milliseconds, note
from stdbctl.errors import Fault

if TYPE_CHECKING:
    from stdbctl.client.http import QueryRefused, SqlResult
    from stdbctl.sats import Typespace
    from stdbctl.schema import ModuleDef


_READABLE = "write `SELECT … FROM table WHERE …` (docs/sql.md); rows are changed by reducers, with `stdbctl call`"


class QueryFailed(Fault):
    """The query cannot be run; `what` is the server's text."""

    code = "cli.query_failed"


def sql(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[DB] QUERY", help="One SQL statement; before it, another database than the project's."),
    ],
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Run an SQL statement and show the rows."""
    from stdbctl.cli.target import find_target, one_database
    from stdbctl.client.http import QueryRefused

    if len(words) > 2:
        raise UsageFault("one SQL statement is expected", fix='write it in quotes: `stdbctl sql "SELECT * FROM table"`')
    *names, query = words
    target = find_target(project, server, user, one_database(names[0] if names else None, database))
    with target.connect() as client:
        try:
            if format_ is Format.JSON:
                answer(client.sql_json(target.database, query))
                return
            results = client.sql(target.database, query)
        except QueryRefused as error:
            raise _query_failed(error, client.schema(target.database)) from error
        typespace = client.schema(target.database).typespace
    for result in results:
        _show(result, typespace)


def _query_failed(error: "QueryRefused", module: "ModuleDef") -> QueryFailed:
    """The server's words, with the nearest table or column when it does not know one."""
    from stdbctl.nearest import did_you_mean, nearest

    fix = _READABLE
    table = re.search(r"no such table: `([^`]+)`", error.text)
    column = re.search(r"`(?:[^`]*\.)?([^`.]+)` is not in scope", error.text)
    if table is not None and any(table[1] == known.name for known in module.tables):
        fix = "it is private: leave `--as` out to ask as its owner"
    elif table is not None:
        fix = did_you_mean(table[1], [known.name for known in module.tables])
    elif column is not None:
        near = nearest(column[1], {known.name for table in module.tables for known in table.columns})
        fix = f"did you mean `{near}`?" if near is not None else error.fix
    return QueryFailed(error.text, fix=fix)


def _show(result: "SqlResult", typespace: "Typespace") -> None:
    """The rows on stdout as a table; how many, and how long it took, on stderr."""
    from stdbctl.cli.values import table_lines, value_text

    if result.columns:
        header = [name if name is not None else f"column {i}" for i, (name, _) in enumerate(result.columns)]
        types = [type_ for _, type_ in result.columns]
        cells = [[value_text(t, value, typespace) for t, value in zip(types, row, strict=True)] for row in result.rows]
        for line in table_lines(header, cells):
            answer(line)
    changed = ((result.inserted, "inserted"), (result.deleted, "deleted"), (result.updated, "updated"))
    parts = [counted(len(result.rows), "row")] if result.columns else []
    parts += [f"{count} {verb}" for count, verb in changed if count or not result.columns]
    note(f"({', '.join(parts)} in {milliseconds(result.duration_micros / 1_000_000)})")

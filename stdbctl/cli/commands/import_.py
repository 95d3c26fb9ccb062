"""`stdbctl import`: rows into a database."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.options import ConfirmOption, DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note
from stdbctl.errors import Problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stdbctl.cli.row_files import Source
    from stdbctl.client.http import ControlClient, ImportResult


def import_(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH…", help="Files .jsonl or .csv, folders with such, or `-` for stdin.")
    ],
    table: Annotated[
        str | None, typer.Option("--table", "-t", metavar="NAME", help="The table (default: the file's name).")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="Rows that are there stay (the default).")] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Replace rows that have the same primary key.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Empty the tables first; their rows are lost.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="The rows are CSV, whatever the file's name.")] = False,
    confirm: ConfirmOption = None,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Insert rows from files, all of them in one transaction or none."""
    from stdbctl.cli.consent import require_name
    from stdbctl.cli.row_files import sources
    from stdbctl.cli.serving import served
    from stdbctl.cli.target import find_target

    started = time.perf_counter()
    if append + merge + replace > 1:
        raise UsageFault("`--append`, `--merge` and `--replace` exclude each other", fix="give one of them")
    files = sources(paths, table, is_csv=csv)
    target = find_target(project, server, user, database)
    mode = "replace" if replace else "merge" if merge else "append"
    with served(target) as client:
        client.database(target.database)
        if replace:
            require_name(target.database, f"all rows of the imported tables of `{target.database}`", given=confirm)
        result = _send(client, target.database, files, mode)
    _close(result, time.perf_counter() - started, format_)


def _send(client: "ControlClient", database: str, files: "Sequence[Source]", mode: str) -> "ImportResult":
    from stdbctl.cli.progress import progress
    from stdbctl.cli.row_files import parts_of
    from stdbctl.client.http import ImportRefused

    sizes = [source.size for source in files]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    with progress("reading", total, is_bytes=True) as bar:

        def parts() -> "Iterator[bytes]":
            for part in parts_of(files):
                yield part
                bar.advance(len(part))
            bar.say("inserting")

        try:
            return client.import_rows(database, parts(), mode)
        except ImportRefused as error:
            if not error.problems:
                raise
            refused = error
    if refused.is_cut:
        note(f"the first {len(refused.problems)} problems; there may be more")
    raise Problems(refused.problems) from refused


def _close(result: "ImportResult", seconds: float, format_: Format) -> None:
    rows = sum(each.given for each in result.tables)
    if format_ is Format.JSON:
        tables = [
            {"table": each.table, "given": each.given, "inserted": each.inserted, "deleted": each.deleted}
            for each in result.tables
        ]
        data = {"ok": True, "offset": result.offset, "rows": rows, "tables": tables, "snapshot": result.snapshot}
        answer_json({**data, "duration_ms": round(seconds * 1000)})
        return
    for each in result.tables:
        note(f"{each.table}: {each.given} given, {each.inserted} inserted, {each.deleted} deleted")
    if result.snapshot is not None:
        note(f"before that the snapshot `{result.snapshot}` was taken; undo with `stdbctl undo`")
    given = f"{counted(rows, 'row')} {{}} {counted(len(result.tables), 'table')} in {milliseconds(seconds)}"
    is_changed = any(each.inserted or each.deleted for each in result.tables)
    answer(f"imported {given.format('into')}" if is_changed else f"unchanged: checked {given.format('for')}")

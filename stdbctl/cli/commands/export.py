"""`stdbctl export`: rows out of a database."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.options import DatabaseArgument, DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note

if TYPE_CHECKING:
    from stdbctl.cli.row_files import Sink
    from stdbctl.client.http import RowStream
    from stdbctl.schema import ModuleDef
    from stdbctl.transfer import FileFormat

_STDOUT = "-"


def export(
    name: DatabaseArgument = None,
    tables: Annotated[
        list[str] | None, typer.Option("--table", "-t", metavar="NAME", help="Only this table; may be repeated.")
    ] = None,
    to: Annotated[
        str,
        typer.Option("--to", metavar="PATH", help="A folder, a file .jsonl or .csv, or `-` for stdout."),
    ] = _STDOUT,
    csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON Lines.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Write the rows of all tables, or of some, as they are at one moment."""
    from stdbctl.cli.serving import served
    from stdbctl.cli.target import find_target, one_database

    started = time.perf_counter()
    target = find_target(project, server, user, one_database(name, database))
    wanted = tuple(tables or ())
    file_format, sink = _sink(to, wanted, is_csv=csv, may_replace=force)
    with served(target) as client:
        names = _known(wanted, client.schema(target.database)) if wanted else ()
        try:
            with client.export_rows(target.database, names, file_format.value) as stream:
                counts = _copy(stream, sink)
            sink.finish()
        finally:
            sink.discard()
    _close(stream, sink, counts, time.perf_counter() - started, format_, is_answer=to == _STDOUT)


def _sink(to: str, wanted: tuple[str, ...], *, is_csv: bool, may_replace: bool) -> "tuple[FileFormat, Sink]":
    from stdbctl.cli.row_files import Files, OneStream
    from stdbctl.transfer import FileFormat, format_of

    path = Path(to)
    told = None if to == _STDOUT or path.is_dir() else format_of(path)
    if is_csv and told is FileFormat.JSONL:
        raise UsageFault(f"`--csv` and a file `{to}` contradict each other", fix="leave `--csv` out, or end it in .csv")
    file_format = told or (FileFormat.CSV if is_csv else FileFormat.JSONL)
    is_folder = to != _STDOUT and told is None
    if file_format is FileFormat.CSV and not is_folder and len(wanted) != 1:
        raise UsageFault("a CSV file holds one table", fix="name it with `--table`, or a folder with `--to`")
    if to == _STDOUT:
        return file_format, OneStream(with_names=len(wanted) != 1)
    return file_format, Files(path, is_folder=is_folder, may_replace=may_replace)


def _known(wanted: tuple[str, ...], module: "ModuleDef") -> list[str]:
    from stdbctl.nearest import did_you_mean

    names = [table.name for table in module.tables if not table.is_event]
    found = []
    for name in wanted:
        table = module.table(name)
        if table is None:
            raise UsageFault(f"no table `{name}`", fix=did_you_mean(name, names))
        if table.is_event:
            raise UsageFault(f"`{table.name}` is an event table, which keeps no rows", fix="leave it out")
        found.append(table.name)
    return found


def _copy(stream: "RowStream", sink: "Sink") -> dict[str, int]:
    """All parts to where they go; rows by table."""
    from stdbctl.cli.progress import progress
    from stdbctl.transfer import PartSplitter

    splitter, counts = PartSplitter(), dict[str, int]()
    counted_head = None
    with progress("exporting", stream.row_count) as bar:
        for chunk in stream.chunks:
            for head, data in splitter.feed(chunk):
                sink.write(head, data)
                if head is not counted_head:
                    counted_head = head
                    counts[head.table] = counts.get(head.table, 0) + head.rows
                    bar.advance(head.rows)
        splitter.end()
    return counts


def _close(
    stream: "RowStream", sink: "Sink", counts: dict[str, int], seconds: float, format_: Format, *, is_answer: bool
) -> None:
    """The closing line; beside rows on stdout it goes to stderr."""
    rows = sum(counts.values())
    if format_ is Format.JSON and not is_answer:
        tables = [{"table": name, "rows": n, "file": str(sink.files[name])} for name, n in counts.items()]
        duration = round(seconds * 1000)
        answer_json({"ok": True, "offset": stream.offset, "rows": rows, "tables": tables, "duration_ms": duration})
        return
    text = f"exported {counted(rows, 'row')} of {counted(len(counts), 'table')} in {milliseconds(seconds)}"
    text += f", as of transaction {stream.offset}"
    (note if is_answer else answer)(text)

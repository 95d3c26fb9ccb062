"""`stdbctl logs`: what a module said."""

import enum
import sys
from typing import Annotated

import typer

from stdbctl.cli.options import DatabaseArgument, DatabaseOption, FormatOption, ProjectOption, ServerOption, UserOption
from stdbctl.cli.output import Format, Painter, answer, note


class Level(enum.Enum):
    """The levels of a module's log, least severe first."""

    TRACE = "trace"
    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    PANIC = "panic"


def logs(
    name: DatabaseArgument = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines, also over restarts.")] = False,
    num_lines: Annotated[
        int | None,
        typer.Option("--num-lines", "-n", min=0, metavar="N", help="Only the last N lines (default: all; 10 with -f)."),
    ] = None,
    level: Annotated[
        Level, typer.Option("--level", "-l", case_sensitive=False, help="Only lines of this level and above.")
    ] = Level.TRACE,
    level_exact: Annotated[bool, typer.Option("--level-exact", help="Only lines of exactly this level.")] = False,
    project: ProjectOption = None,
    server: ServerOption = None,
    database: DatabaseOption = None,
    user: UserOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Show the log of the module; only its owner may read it."""
    from stdbctl.cli.log_lines import LogLine
    from stdbctl.cli.log_stream import LogStream
    from stdbctl.cli.target import find_target, one_database
    from stdbctl.records import LogLevel

    wanted = LogLevel[level.name]
    painter = Painter(sys.stdout)

    def is_wanted(line: LogLine) -> bool:
        return line.level is wanted if level_exact else line.level.rank >= wanted.rank

    def show(line: LogLine) -> None:
        for text in [line.raw] if format_ is Format.JSON else painter.lines(line.styled()):
            answer(text)

    target = find_target(project, server, user, one_database(name, database))
    stream = LogStream(target, is_wanted, note)
    last = num_lines if num_lines is not None else 10 if follow else None
    for line in stream.past(last):
        show(line)
    if follow:
        for line in stream.following():
            show(line)

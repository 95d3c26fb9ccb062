"""`stdbctl generate`: client code from the module's definition."""

from pathlib import Path
from typing import Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format
from stdbctl.errors import Problems


def generate(
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang", "-l", metavar="LANG", help="`ts`; several with commas (default: what `stdbctl.toml` says)."
        ),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out-dir", "-o", metavar="DIR", help="Where the files go (with --lang).")
    ] = None,
    include_private: Annotated[
        bool, typer.Option("--include-private", help="Also write private tables and reducers.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 4 when files are stale.")] = False,
    project: ProjectOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Write typed client code for the module."""
    from stdbctl.cli.generation import find_jobs, run_jobs, show_done, stale_files
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_project

    found = find_project(project)
    jobs = find_jobs(found, lang, out_dir, include_private)
    all_done = run_jobs(load_module(found), jobs, check=check)
    for done in all_done:
        show_done(done, format_)
    stale = [stale_files(done) for done in all_done if check and not done.report.is_current]
    if stale:
        raise Problems(stale)

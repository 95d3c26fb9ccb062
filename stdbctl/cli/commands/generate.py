"""`stdbctl generate`: client code from the module's definition."""

import time
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
    from stdbctl.cli.generation import find_jobs, run_job, show_report, stale_files
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.target import find_project

    found = find_project(project)
    started = time.perf_counter()
    jobs = find_jobs(found, lang, out_dir, include_private)
    loaded = load_module(found)
    stale = []
    for job in jobs:
        report = run_job(loaded, job, check)
        if check and not report.is_current:
            stale.append(stale_files(job, report))
        else:
            show_report(job, report, check, time.perf_counter() - started, format_)
        started = time.perf_counter()
    if stale:
        raise Problems(stale)

"""`stdbctl generate`: client code from the module's definition."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stdbctl.cli.options import FormatOption, ProjectOption
from stdbctl.cli.output import Format
from stdbctl.errors import Problems

if TYPE_CHECKING:
    from stdbctl.cli.generation import Definition


def generate(
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            "-l",
            metavar="LANG",
            help="`ts`, `python`; several with commas (default: what `stdbctl.toml` says).",
        ),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option("--templates", metavar="DIR", help="Templates for a language of your own, instead of --lang."),
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out-dir", "-o", metavar="DIR", help="Where the files go (with --lang or --templates)."),
    ] = None,
    include_private: Annotated[
        bool, typer.Option("--include-private", help="Also write private tables and reducers.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show a diff and exit with 4 when files are stale.")
    ] = False,
    module_path: Annotated[
        Path | None,
        typer.Option("--module-path", "-p", metavar="PATH", help="The module package (default: the project's)."),
    ] = None,
    from_server: Annotated[
        tuple[str, str] | None,
        typer.Option("--from-server", metavar="URL NAME", help="Take the definition of a running database."),
    ] = None,
    project: ProjectOption = None,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Write typed client code for the module."""
    from stdbctl.cli.failures import UsageFault
    from stdbctl.cli.generation import find_jobs, language_jobs, run_jobs, show_done, stale_files, template_job
    from stdbctl.cli.target import find_project

    if lang is not None and templates is not None:
        raise UsageFault("`--lang` and `--templates` exclude each other", fix="run the command once for each")
    if templates is not None:
        jobs = [template_job(templates, out_dir, include_private)]
    elif lang is not None:
        jobs = language_jobs(lang, out_dir, include_private)
    else:
        jobs = find_jobs(find_project(project), None, out_dir, include_private)
    all_done = run_jobs(_definition(project, module_path, from_server), jobs, check=check)
    for done in all_done:
        show_done(done, format_)
    stale = [stale_files(done) for done in all_done if check and not done.report.is_current]
    if stale:
        raise Problems(stale)


def _definition(project: Path | None, module_path: Path | None, from_server: tuple[str, str] | None) -> "Definition":
    """What to generate from; a project is needed only where nothing else is named."""
    from stdbctl.cli.failures import UsageFault
    from stdbctl.cli.loading import load_module
    from stdbctl.cli.sources import ask_server, load_from
    from stdbctl.cli.target import find_project

    if module_path is not None and from_server is not None:
        raise UsageFault("`--module-path` and `--from-server` exclude each other", fix="leave one of them out")
    if from_server is not None:
        return ask_server(project, *from_server)
    if module_path is not None:
        return load_from(module_path)
    return load_module(find_project(project))

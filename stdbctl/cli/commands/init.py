"""`stdbctl init`: a new project that works as it is."""

import os
import shlex
import time
from pathlib import Path
from typing import Annotated

import typer

from stdbctl.cli.options import FormatOption
from stdbctl.cli.output import Format, answer, answer_json, counted, milliseconds, note
from stdbctl.cli.questions import ask, choose
from stdbctl.project import (
    ClientKind,
    NewProject,
    Project,
    Template,
    check_target,
    database_name_for,
    plan_files,
    staged_in,
    write_project,
)


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The folder to make it in; its name becomes the database's.")
    ] = None,
    template: Annotated[Template | None, typer.Option("--template", "-t", help="What it begins as.")] = None,
    client: Annotated[ClientKind | None, typer.Option("--client", help="The client that it begins with.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the defaults instead of asking.")] = False,
    format_: FormatOption = Format.TEXT,
) -> None:
    """Make a new project: module, client, tests, bindings. Asks for what is not said."""
    if folder is not None:
        check_target(folder)  # before any question
    if template is None:
        default = Template.WHITEBOARD
        template = default if yes else choose("template", Template, default=default, flag="--template TEMPLATE")
    if folder is None:
        name = template.default_folder
        folder = Path(name if yes else ask("folder", default=name, flag="DIR"))
        check_target(folder)
    if client is None:
        client = ClientKind.TS if yes else choose("client", ClientKind, default=ClientKind.TS, flag="--client CLIENT")
    started = time.perf_counter()
    database = database_name_for(folder.resolve().name, template.default_folder)
    project = NewProject(database=database, template=template, client=client)
    paths = _create(project, folder)
    _close(project, folder, paths, time.perf_counter() - started, format_)


def _create(project: NewProject, folder: Path) -> list[str]:
    """Make the project, bindings included; the paths of its files."""
    from stdbctl.cli.generation import find_jobs, run_jobs
    from stdbctl.cli.loading import load_module
    from stdbctl.codegen import templates_dir

    files = plan_files(project, templates_dir())
    with staged_in(folder) as stage:
        write_project(files, stage)
        if project.client is not ClientKind.NONE:
            made = Project.find(stage)
            loaded = load_module(made)
            run_jobs(loaded, find_jobs(made, None, None, False))
        return sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file())


def _close(project: NewProject, folder: Path, paths: list[str], seconds: float, format_: Format) -> None:
    kinds = {"database": project.database, "template": project.template.value, "client": project.client.value}
    if format_ is Format.JSON:
        answer_json({"ok": True, "folder": str(folder), **kinds, "files": paths, "duration_ms": round(seconds * 1000)})
        return
    client = "no client" if project.client is ClientKind.NONE else f"{project.client.value} client"
    details = f"{project.template.value}, {client} · {counted(len(paths), 'file')} · database {project.database}"
    answer(f"created {folder} in {milliseconds(seconds)} · {details}")
    note("next:")
    if os.path.abspath(folder) != os.getcwd():
        note(f"  cd {shlex.quote(str(folder))}")
    note("  stdbctl dev")
    if project.client is ClientKind.PYTHON:
        note(f"  python {project.template.python_program}  # in another terminal")

"""New projects: which files one begins with, and how they get onto the disk.

`templates/init/` holds what a project begins with, one folder per template and `common/` for what all have:

client/…        the web client, for those who want that one
python/…        the Python client, likewise; it becomes `client/…`
*.jinja         rendered (without the suffix); sees `database` and `client`
anything else   copied as it is

A template's own file comes before one of `common/` with the same name. `stdbctl.toml` is written by code.
"""

import enum
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from stdbctl.project.config import database_name_error
from stdbctl.project.errors import CannotCreateProject, FolderNotEmpty
from stdbctl.project.project import PROJECT_FILE

COMMON = "common"
_RENDERED = ".jinja"


class Template(enum.Enum):
    """What a project may begin as."""

    WHITEBOARD = "whiteboard"
    EMPTY = "empty"

    @property
    def default_folder(self) -> str:
        """Where it goes unless told otherwise."""
        return "whiteboard" if self is Template.WHITEBOARD else "my-project"

    @property
    def python_program(self) -> str:
        """What is started of its Python client, from the project's folder."""
        return "client/board.py" if self is Template.WHITEBOARD else "client/main.py"


class ClientKind(enum.Enum):
    """Which client a project begins with."""

    TS = "ts"
    PYTHON = "python"
    NONE = "none"


_BINDINGS = {
    ClientKind.TS: {"lang": "typescript", "out_dir": "client/src/module_bindings"},
    ClientKind.PYTHON: {"lang": "python", "out_dir": "client/module_bindings"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """What was chosen; `database` is a valid name."""

    database: str
    template: Template
    client: ClientKind


def database_name_for(folder_name: str, default: str) -> str:
    """Make a database's name of a folder's: `My Board_2` -> `my-board-2`; `default` when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", folder_name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return default if database_name_error(name) else name


def plan_files(project: NewProject, templates: Path) -> dict[str, str]:
    """The files that a project begins with: path relative to it -> text, sorted; bindings are not among them.

    `templates`: the folder that holds `init/`. Nothing is written.
    """
    sources: dict[str, Path] = {}
    for folder in (templates / "init" / COMMON, templates / "init" / project.template.value):
        for source in folder.rglob("*"):
            path = _place(source.relative_to(folder).as_posix(), project.client)
            if source.is_file() and path is not None:
                sources[path.removesuffix(_RENDERED)] = source
    files = {path: _text(source, project) for path, source in sources.items()}
    return dict(sorted({**files, PROJECT_FILE: _project_file(project)}.items()))


def _place(path: str, client: ClientKind) -> str | None:
    """Where a file of a template goes; None: nowhere, in such a project."""
    kinds = {"client": ClientKind.TS, "python": ClientKind.PYTHON}
    top, _, rest = path.partition("/")
    if "__pycache__" in path or kinds.get(top, client) is not client:
        return None
    return f"client/{rest}" if top in kinds else path


def _text(source: Path, project: NewProject) -> str:
    text = source.read_text(encoding="utf-8")
    if source.suffix != _RENDERED:
        return text
    import jinja2  # not needed to show the help

    env = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # both values are checked names, safe in every language
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return env.from_string(text).render(database=project.database, client=project.client.value)


def _project_file(project: NewProject) -> str:
    parts = [
        "# What `stdbctl` must know about this project.\n",
        tomli_w.dumps({"database": project.database, "module": "module"}),
    ]
    bindings = _BINDINGS.get(project.client)
    if bindings is not None:
        parts += ["\n# What `stdbctl generate` and `stdbctl dev` write.\n", f"[[generate]]\n{tomli_w.dumps(bindings)}"]
    if project.client is ClientKind.TS:
        parts += [
            "\n# The client's own dev command, which `stdbctl dev` runs beside the server.\n",
            tomli_w.dumps({"dev": {"run": "npm run dev", "cwd": "client"}}),
        ]
    return "".join(parts)


def check_target(root: Path) -> None:
    """Make sure that a project may be made in `root`: a folder that is empty or not there yet.

    Raises:
        FolderNotEmpty: it has something in it.
        CannotCreateProject: it is no folder, or cannot be read.
    """
    try:
        names = sorted(entry.name for entry in root.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotCreateProject(root, error.strerror or str(error)) from error
    if names:
        raise FolderNotEmpty(root, tuple(names))


@contextmanager
def staged_in(root: Path) -> Iterator[Path]:
    """A folder inside `root` to build the project in; its content moves up into `root` when the context ends well.

    After an error `root` is as it was. Faults: FolderNotEmpty, CannotCreateProject.
    """
    check_target(root)
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".stdbctl-init-", dir=root))
    except OSError as error:
        raise CannotCreateProject(root, error.strerror or str(error)) from error
    try:
        yield stage
        for entry in sorted(stage.iterdir()):
            entry.rename(root / entry.name)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        with suppress(OSError):  # somebody else put something there meanwhile
            for folder in made:
                folder.rmdir()
        raise
    stage.rmdir()


def write_project(files: dict[str, str], folder: Path) -> None:
    """Write the files of `plan_files` into `folder`; faults: CannotCreateProject."""
    try:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CannotCreateProject(folder, error.strerror or str(error)) from error

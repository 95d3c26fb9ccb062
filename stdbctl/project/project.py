"""A project: the folder with a stdbctl.toml, found from anywhere below it."""

import os
from dataclasses import dataclass
from pathlib import Path

from stdbctl.project.config import ProjectConfig, parse_config
from stdbctl.project.errors import NoProject
from stdbctl.project.state import StateFolder

PROJECT_FILE = "stdbctl.toml"
STATE_FOLDER = ".stdbctl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One checkout of a project. `root` is absolute."""

    root: Path
    config: ProjectConfig

    @classmethod
    def find(cls, start: Path) -> "Project":
        """Read the project of the nearest folder upwards from `start` (itself included) with a stdbctl.toml.

        Raises:
            NoProject: no folder has one.
            BadProjectFile: the file has mistakes; all of them are in it.
        """
        root = find_root(start)
        file = root / PROJECT_FILE
        return cls(root=root, config=parse_config(file.read_text(encoding="utf-8", errors="replace"), _shown(file)))

    @property
    def module_path(self) -> Path:
        """The module's folder or file; whether it exists is for the loader to say."""
        return self.root / self.config.module

    @property
    def state(self) -> StateFolder:
        """What this checkout remembers."""
        return StateFolder(self.root / STATE_FOLDER)


def find_root(start: Path) -> Path:
    """The nearest folder upwards with a stdbctl.toml; faults: NoProject."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise NoProject(start)


def _shown(path: Path) -> str:
    """A path as the user would type it: relative to the working folder unless that climbs far."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.path.join("..", "..", "..")) else relative

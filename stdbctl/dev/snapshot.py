"""The module's files as they are on disk now, and whether a save may still be under way."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stdbctl.errors import Problem, Problems
from stdbctl.module import collect
from stdbctl.project import Project

SETTLE_S = 0.1
"""How long a file that is suddenly empty or gone may take to come back: editors truncate, or delete and create."""
LOOKS_MAX = 5


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`files`: project-relative path -> content; `problems`: why there is no module to read (then no files)."""

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()
    stamps: tuple[tuple[str, int], ...] = ()
    """When each file was last written: tells a save that changes nothing from no save at all."""

    def same_content(self, other: "Snapshot") -> bool:
        """Whether both would make the same program, or are no module for the same reasons."""
        return self.files == other.files and _texts(self) == _texts(other)

    def changed_files(self, old: "Snapshot") -> tuple[str, ...]:
        """The paths whose content is another one than in `old`, sorted."""
        paths = self.files.keys() | old.files.keys()
        return tuple(sorted(path for path in paths if self.files.get(path) != old.files.get(path)))

    def may_be_unfinished(self, old: "Snapshot") -> bool:
        """Whether a file that had content in `old` has none."""
        return any(content and not self.files.get(path) for path, content in old.files.items())


EMPTY = Snapshot({})


def read_snapshot(project: Project) -> Snapshot:
    """Look at the files now."""
    try:
        files = collect(project.module_path, project.root)
    except Problems as error:
        return Snapshot({}, error.problems)
    except OSError:  # a file went away between being listed and being read: the next look sees it gone
        return Snapshot({})
    base = project.root if project.module_path.is_relative_to(project.root) else project.module_path.parent
    return Snapshot(files, stamps=tuple((path, _stamp(base / path)) for path in files))


def settled_snapshot(project: Project, old: Snapshot, changed: threading.Event) -> Snapshot:
    """Look at the files, and again for a moment if an editor seems to be between two steps of a save.

    `changed` is set whenever a further change is noticed.
    """
    for _ in range(LOOKS_MAX):
        changed.clear()
        snapshot = read_snapshot(project)
        if not snapshot.may_be_unfinished(old) or not changed.wait(SETTLE_S):
            break
    return read_snapshot(project) if snapshot.may_be_unfinished(old) else snapshot


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _texts(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(str(problem) for problem in snapshot.problems)

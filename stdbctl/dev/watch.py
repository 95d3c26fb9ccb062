"""Noticing saves: threads that report changes in the module's folder and of stdbctl.toml.

What changed is not taken from the report: whoever is told looks at the files. So it does not matter how an editor
writes (in place, by rename, delete and create), and a report that comes twice or late does no harm.
"""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import watchfiles

from stdbctl.errors import Fault
from stdbctl.project import PROJECT_FILE, Project

STEP_MS = 10
"""How often changes are fetched; they are reported after one step without a further one. The library's own is 50.

Measured: 10 costs 0.8 % of a core while nothing is saved and 15 ms of each save, 5 costs 1.5 % and 8 ms.
"""
DEBOUNCE_MS = 100
"""A folder that changes without a pause is reported at least so often."""
LOOK_MS = 1000
"""How often the module is looked at without a report: folders are replaced, network file systems report nothing."""
SLOW_STEP_MS = 50
WATCH_ERRORS = (OSError, RuntimeError)
"""What the library raises when the system gives no watch; an internal error of its own is a RuntimeError."""


class CannotWatch(Fault):
    """The system reports no changes of a folder: its watches, or this process's files, are used up."""

    code = "dev.cannot_watch"

    def __init__(self, folder: Path, error: Exception) -> None:
        super().__init__(
            f"the system does not report changes in {folder}",
            why=str(error),
            fix="allow more (Linux: `sysctl fs.inotify`); until then the module is looked at each second, and a saved "
            f"{PROJECT_FILE} counts at the next start",
        )


class Watcher:
    """Watches one project; what it is given is called on threads of its own.

    `look`: now and then, without a sign of a change. `changed`, `project_file_changed`: at each sign.
    `blind`: once, when the system reports no changes; looking goes on.
    """

    def __init__(
        self,
        project: Project,
        *,
        look: Callable[[], None],
        changed: Callable[[], None],
        project_file_changed: Callable[[], None],
        blind: Callable[[CannotWatch], None],
    ) -> None:
        self._root, self._module = project.root, project.module_path
        self._look, self._changed, self._project_file_changed = look, changed, project_file_changed
        self._blind, self._is_blind = blind, False
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin; what is saved from now on is reported within about two steps."""
        for work in (self._watch_module, self._watch_project_file):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        """Report nothing more."""
        self._stop.set()

    def _watch_module(self) -> None:
        while not self._stop.is_set():
            # Compared by content, so nothing is lost between two watches, and looking too often costs little.
            self._look()
            is_folder = self._module.is_dir()
            folder = self._module.resolve() if is_folder else self._existing_parent()
            try:
                self._watch_folder(folder, recursive=is_folder)
            except FileNotFoundError:
                continue  # gone or replaced before the watch began: looked at again at once
            except WATCH_ERRORS as error:
                self._tell_blind(folder, error)
                self._stop.wait(LOOK_MS / 1000)

    def _tell_blind(self, folder: Path, error: Exception) -> None:
        if not self._is_blind:
            self._is_blind = True
            self._blind(CannotWatch(folder, error))

    def _watch_folder(self, folder: Path, *, recursive: bool) -> None:
        """Report changes until told to stop or until the folder is another one."""
        identity = _identity(folder)
        for changes in watchfiles.watch(
            folder,
            watch_filter=_is_source if recursive else None,
            recursive=recursive,
            step=STEP_MS,
            debounce=DEBOUNCE_MS,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
        ):
            if not self._stop.is_set():
                (self._changed if changes else self._look)()
            if _identity(folder) != identity or self._module.is_dir() != recursive:
                return

    def _watch_project_file(self) -> None:
        with contextlib.suppress(*WATCH_ERRORS):  # told of the module's folder
            self._watch_root()

    def _watch_root(self) -> None:
        for _ in watchfiles.watch(
            self._root,
            watch_filter=lambda _, path: Path(path).name == PROJECT_FILE,
            recursive=False,
            step=SLOW_STEP_MS,
            debounce=DEBOUNCE_MS,
            stop_event=self._stop,
            raise_interrupt=False,
        ):
            if not self._stop.is_set():
                self._project_file_changed()

    def _existing_parent(self) -> Path:
        """The folder of a module that is one file, or the nearest one above a module that is not there."""
        return next(folder for folder in self._module.parents if folder.is_dir())


def _is_source(_: watchfiles.Change, path: str) -> bool:
    """Whether a change at `path` can be one of the module's: caches come and go while it is read."""
    return "__pycache__" not in path


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

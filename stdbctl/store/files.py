"""Whether an open SQLite file is still found under its name: what goes into a deleted one is in no file."""

import os
from pathlib import Path

from stdbctl.store.errors import StoreLost


class FilesInPlace:
    """A database file and the log beside it, as they are now; the database must be open and have been written to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = (os.fspath(path), f"{os.fspath(path)}-wal")
        self._stats = tuple([os.stat(name) for name in self._names])

    def check(self) -> None:
        """StoreLost when one of them was deleted, moved or replaced. Cost: some microseconds."""
        for name, stat in zip(self._names, self._stats, strict=True):
            try:
                is_there = os.path.samestat(stat, os.stat(name))
            except OSError:
                is_there = False
            if not is_there:
                raise StoreLost(
                    self._path,
                    what=f"`{name}` was deleted, moved or replaced while it was served",
                    why="what was written after that is in no file",
                    fix="put it back, or restore the database from a copy",
                )

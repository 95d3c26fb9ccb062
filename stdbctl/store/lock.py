"""One process per folder: a lock file that holds its owner's process id.

The lock is the kernel's (`flock`): it ends with the process, however that ends. The text only says whose it is.
"""

import fcntl
import os
from pathlib import Path

from stdbctl.store.errors import StoreFault, store_faults

LOCK_FILE = "lock"


class FolderLocked(StoreFault):
    """Another process, or another part of this one, uses the folder. `pid` is None when it cannot be told."""

    def __init__(self, path: Path, pid: int | None) -> None:
        self.pid = pid
        owner = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            path,
            what=f"`{path}` is in use by {owner}",
            why="one server at a time may write there",
            fix="stop that process, or choose another data folder",
        )


class FolderLock:
    """Holds a folder until `release`; FolderLocked when someone else does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK_FILE
        with store_faults(self.path, "opened"):
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = self._owner()
            os.close(self._descriptor)
            raise FolderLocked(folder, pid) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def _owner(self) -> int | None:
        text = os.pread(self._descriptor, 32, 0).strip()
        return int(text) if text.isdigit() else None

    def release(self) -> None:
        """Let go; a second time does nothing. The file stays: deleting it would let two processes lock two files."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

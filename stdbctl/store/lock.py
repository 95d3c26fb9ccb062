"""One process per folder: a lock file that holds its owner's process id.

The lock is the kernel's (`flock`): it ends with the process, however that ends. The text only says whose it is; what a
killed process left of it misleads nobody, because only the text of a holder that lives is believed.
"""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from stdbctl.store.errors import StoreFault, store_faults

LOCK_FILE = "lock"
_TEXT_BYTES = 24
_NAMING_S = 1.0
"""How long a holder is given to write its name: it does so at once, but two may start at the same moment."""


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
            with store_faults(self.path, "locked"):
                self._wait(folder)
        except BaseException:
            os.close(self._descriptor)
            raise
        self._write(str(os.getpid()))

    def _wait(self, folder: Path) -> None:
        deadline = time.monotonic() + _NAMING_S
        while not self._take():
            pid = self._owner()
            if pid is not None or time.monotonic() > deadline:
                raise FolderLocked(folder, pid)
            time.sleep(0.01)

    def _take(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _owner(self) -> int | None:
        """The process that the text names, if it lives."""
        text = os.pread(self._descriptor, 32, 0).strip()
        pid = int(text) if text.isdigit() else None
        return pid if pid is not None and _is_alive(pid) else None

    def _write(self, text: str) -> None:
        """Always as many bytes, so that a disk that is full by now has room; without the text the lock holds, too."""
        with contextlib.suppress(OSError):
            os.pwrite(self._descriptor, text.ljust(_TEXT_BYTES - 1).encode("ascii") + b"\n", 0)

    def release(self) -> None:
        """Let go; a second time does nothing. The file stays: deleting it would let two processes lock two files."""
        if self._descriptor >= 0:
            self._write("")
            os.close(self._descriptor)
            self._descriptor = -1


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True

"""Runs one shell command and ends all of it: when told to, when the command is done, or when the parent is gone.

    python -I -S leash.py LIFE_FD GRACE_SECONDS COMMAND

End-of-file on LIFE_FD: the parent is gone, however it ended. SIGTERM, SIGINT, SIGHUP: end the command's process group
with SIGTERM and, after the grace, with SIGKILL; a second signal shortens the grace to nothing. What the command started
and put into groups of its own is ended, too, where the kernel can tell (Linux). Exits as the command did.

A program by itself, for the standard library alone: it starts in a few ms and stays small.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time

IS_LINUX: bool = sys.platform == "linux"
PR_SET_CHILD_SUBREAPER = 36
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KILL_S = 2.0
"""How long killed processes may take to be gone; one that sits in the kernel is left to itself."""


class Leash:
    """One command. `status` is its wait status once it ended."""

    def __init__(self, life: int, grace_s: float) -> None:
        self._life, self._grace_s = life, grace_s
        self._wake, self._wake_write = os.pipe()
        self._group = 0
        self._status: int | None = None
        self._has_children = True
        for fd in (self._wake, self._wake_write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (*ENDING, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def run(self, command: str) -> int:
        """Run the command to its end, or until told to end it; its exit status, 128 + N for a signal."""
        adopt_orphans()
        # Kept: one that is garbage would take the status of a shell that has ended already.
        shell = subprocess.Popen(["/bin/sh", "-c", command], process_group=0)
        self._group = shell.pid
        while self._status is None and not self._is_told_to_end(None):
            self._reap()
        self._end()
        shell.returncode = 0  # its status was taken here; nobody is to ask for it again
        code = os.waitstatus_to_exitcode(self._status) if self._status is not None else -signal.SIGKILL
        return 128 - code if code < 0 else code

    def _end(self) -> None:
        """End what is left: ask, wait for the grace, then use force."""
        if self._is_left():
            self._signal_group(signal.SIGTERM)
        deadline = time.monotonic() + self._grace_s
        while self._is_left() and not self._is_told_to_end(deadline - time.monotonic()):
            if time.monotonic() >= deadline:
                break
        deadline = time.monotonic() + KILL_S
        while self._is_left() and time.monotonic() < deadline:
            self._signal_group(signal.SIGKILL)
            for pid in adopted():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._is_told_to_end(0.05)

    def _is_told_to_end(self, wait_s: float | None) -> bool:
        """Wait for anything; whether it was a signal to end, or the parent's end for the first time."""
        watched = [self._wake] if self._life < 0 else [self._wake, self._life]
        readable, _, _ = select.select(watched, [], [], None if wait_s is None else max(wait_s, 0))
        signals = os.read(self._wake, 4096) if self._wake in readable else b""
        if self._life in readable:
            self._life = -1
            return True
        return any(number in signals for number in ENDING)

    def _is_left(self) -> bool:
        """Whether anything that the command started still runs."""
        self._reap()
        return self._has_children or (not IS_LINUX and self._has_group())

    def _has_group(self) -> bool:
        try:
            os.killpg(self._group, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _reap(self) -> None:
        """Take note of every child that ended, adopted ones included."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._group:
                    self._status = status
        except ChildProcessError:
            self._has_children = False

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._group, number)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parents end, so that none escapes."""
    if IS_LINUX:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def adopted() -> list[int]:
    """The ids of this process's children."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:
            return [int(pid) for pid in children.read().split()]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(Leash(int(sys.argv[1]), float(sys.argv[2])).run(sys.argv[3]))

"""`stdbctl dev` on a pseudo-terminal, as a person sees it: what is shown is read as it comes, keys are typed."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60.0
CTRL_C = "\x03"
COLUMNS = 160
_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path, environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        # The shell's way: a session of its own, whose terminal this is, so that typed Ctrl-C becomes a signal.
        become = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", become, sys.executable, "-m", "stdbctl", *arguments],
            cwd=cwd,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.raw = ""
        self._read_to = 0

    @property
    def shown(self) -> str:
        """Everything so far, without colours."""
        return _STYLE.sub("", self.raw).replace("\r\n", "\n")

    def wait_for(self, text: str) -> str:
        """Wait until `text` appears after what was waited for last; what came up to it."""
        deadline = time.monotonic() + SECONDS
        while (at := self.shown.find(text, self._read_to)) < 0:
            assert self._read(deadline - time.monotonic()), f"`{text}` did not come; shown:\n{self.shown}"
        begin, self._read_to = self._read_to, at + len(text)
        return self.shown[begin : self._read_to]

    def line_with(self, text: str) -> str:
        """The whole line in which `text` appears next."""
        self.wait_for(text)
        self.wait_for("\n")
        return self.shown[: self._read_to].rstrip("\n").rpartition("\n")[2]

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._master, text.encode())

    def ended(self) -> int:
        """Read to the end; the exit status."""
        while self._read(SECONDS):
            pass
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """Hang up, as a closed window does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        os.close(self._master)

    def _read(self, seconds: float) -> bool:
        readable, _, _ = select.select([self._master], [], [], max(seconds, 0))
        if not readable:
            return False
        try:
            part = os.read(self._master, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            return False
        self.raw += part.decode(errors="replace")
        return bool(part)


@contextmanager
def terminal(*arguments: str, cwd: Path, **environment: str) -> Iterator[Terminal]:
    """Run the command line on a terminal; it is gone afterwards."""
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")}
    shown = Terminal(arguments, cwd, {**env, "TERM": "xterm-256color", **environment})
    try:
        yield shown
    finally:
        shown.close()

"""The client's own command as a process on a leash: its output line by line, its end, and how to end it."""

import io
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from stdbctl.dev.life import life_line

GRACE_S = 3.0
"""How long a client that is told to end may take before it is killed."""
WAIT_S = 10.0
"""How long the leash may take to end all of it: longer than its own waits together."""
LINE_CHARS_MAX = 4096
"""A longer line is shown in parts."""
_LEASH = Path(__file__).with_name("leash.py")
_UNSHOWN = re.compile(
    r"\x1b\[[0-9;?]*[A-LN-Za-ln-z]|\x1b[c78=>]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1a]"
)
"""What moves the cursor, clears the screen or rings; colours (`\\x1b[…m`) stay."""


class ClientProcess:
    """One run of a command. `said(line)` and `ended(status)` are called on a thread of this object's, in this order."""

    def __init__(
        self,
        command: str,
        folder: Path,
        environment: Mapping[str, str],
        said: Callable[[str], None],
        ended: Callable[[int], None],
    ) -> None:
        self._process = _on_leash(command, folder, environment)
        self._said, self._ended = said, ended
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        """The process that keeps the command."""
        return self._process.pid

    def end(self) -> None:
        """Tell all of it to end; a second time, end it by force. Returns at once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = WAIT_S) -> bool:
        """Wait until all of it is gone; whether it is."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in _lines(self._process.stdout):
            self._said(line)
        self._ended(self._process.wait())


def _on_leash(command: str, folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the command so that it ends with this process, and apart from the terminal's Ctrl-C."""
    life = life_line()
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_LEASH), str(life), str(GRACE_S), command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(life,),
        process_group=0,
    )


def _lines(output: IO[bytes]) -> Iterator[str]:
    """The lines as they are to be seen: of a line that was written over, what was written last."""
    with io.TextIOWrapper(output, encoding="utf-8", errors="replace", newline="\n") as text:
        while line := text.readline(LINE_CHARS_MAX):
            yield _UNSHOWN.sub("", line.rstrip("\r\n").rpartition("\r")[2])

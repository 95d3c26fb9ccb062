"""A Python program on a pseudo-terminal: what its screen shows now, and keys that are typed."""

import codecs
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 60.0
CTRL_C = "\x03"
UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
ROWS, COLUMNS = 24, 80
_TOKEN = re.compile(r"\x1b\[([0-9;?]*)([a-zA-Z])|(\x1b(?:\[[0-9;?]*)?\Z)|(.)", re.DOTALL)
_BECOME = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""The shell's way: a session whose terminal this is, so that Ctrl-C and a new size become signals."""
_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "LINES")


class Screen:
    """A program on a terminal of its own. `cells`: (row, column) -> (character, style). `written`: all that came."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path) -> None:
        self._master, self._slave = pty.openpty()
        self.resize(ROWS, COLUMNS)
        self._before = termios.tcgetattr(self._slave)
        environment = {name: value for name, value in os.environ.items() if name not in _VARIABLES}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BECOME, sys.executable, *arguments],
            cwd=cwd,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
        )
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}
        self.written = ""
        self.is_alternate = False
        self._row = self._column = 0
        self._style = self._rest = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    @property
    def text(self) -> str:
        """All rows, without styles."""
        rows = range(max((row for row, _ in self.cells), default=-1) + 1)
        columns = range(max((column for _, column in self.cells), default=-1) + 1)
        return "\n".join("".join(self.cells.get((row, at), " ")[0] for at in columns).rstrip() for row in rows)

    def colors(self) -> set[str]:
        """Every foreground and background on the screen, as `#rrggbb`."""
        found = re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", " ".join({style for _, style in self.cells.values()}))
        return {"#" + "".join(f"{int(part):02x}" for part in parts) for parts in found}

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Read until the screen is as it should be."""
        deadline = time.monotonic() + SECONDS
        while not is_so():
            is_waiting = self._read(0.1) or (self.process.poll() is None and time.monotonic() < deadline)
            assert is_waiting, f"{what} did not come; the screen shows:\n{self.text}"

    def wait_for_text(self, text: str) -> None:
        """Read until the screen shows a text."""
        self.wait_for(lambda: text in self.text, f"`{text}`")

    def type(self, *keys: str) -> None:
        """Press keys."""
        os.write(self._master, "".join(keys).encode())

    def resize(self, rows: int, columns: int) -> None:
        """Pull the window to another size."""
        self.cells = {}
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ended(self) -> int:
        """Read until the program has ended; its status."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end; the screen shows:\n{self.text}"
            self._read(0.05)
        while self._read(0):
            pass
        return self.process.returncode

    def is_as_before(self) -> bool:
        """Whether the program left the terminal as it was."""
        return termios.tcgetattr(self._slave) == self._before and not self.is_alternate

    def close(self) -> None:
        """Hang up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        os.close(self._slave)
        os.close(self._master)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], max(seconds, 0))[0]:
            return False
        part = self._decode(os.read(self._master, 65536))
        self.written += part
        self._rest += part
        written, self._rest = self._rest, ""
        for parameters, command, unfinished, character in _TOKEN.findall(written):
            self._rest = unfinished
            if command:
                self._obey(parameters, command)
            elif character:
                self._write(character)
        return True

    def _obey(self, parameters: str, command: str) -> None:
        if command == "m":
            self._style = parameters
        elif command == "H":
            self._row = self._column = 0
        elif parameters == "?1049":
            self.is_alternate = command == "h"
            self.cells, self._row, self._column = {}, 0, 0

    def _write(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row += 1
        else:
            self.cells[self._row, self._column] = character, self._style
            self._column += 1


@contextmanager
def screen(*arguments: str, cwd: Path) -> Iterator[Screen]:
    """Run a Python program on a terminal; it is gone afterwards."""
    shown = Screen(arguments, cwd)
    try:
        yield shown
    finally:
        shown.close()

"""Keys that were pressed since the last frame; nothing waits."""

import os
import re
import select
import sys
import termios
import tty
from typing import Self

CTRL_C = "\x03"
ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
KEY = re.compile(r"\x1b[\[O]([A-D])|(.)", re.DOTALL)


class Keyboard:
    """The terminal's keys while the block lasts; afterwards it is as it was."""

    def __enter__(self) -> Self:
        self._terminal = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._terminal)
        tty.setcbreak(self._terminal)
        # Ctrl-C comes as a key: an exception that may come anywhere is now and then lost in a callback of Python's own.
        mode = termios.tcgetattr(self._terminal)
        mode[6][termios.VINTR] = b"\0"
        termios.tcsetattr(self._terminal, termios.TCSANOW, mode)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def pressed(self) -> list[str]:
        """`"up"`, `"a"`, …, in their order."""
        if not select.select([self._terminal], [], [], 0)[0]:
            return []
        text = os.read(self._terminal, 1024).decode(errors="ignore")
        return [ARROWS.get(arrow, letter) for arrow, letter in KEY.findall(text)]

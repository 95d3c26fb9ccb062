"""Keys that were pressed since the last frame; nothing waits."""

import os
import re
import select
import sys
import termios
import tty
from typing import Self

ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
KEY = re.compile(r"\x1b[\[O]([A-D])|(.)", re.DOTALL)


class Keyboard:
    """The terminal's keys while the block lasts; afterwards it is as it was."""

    def __enter__(self) -> Self:
        self._terminal = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._terminal)
        tty.setcbreak(self._terminal)
        return self

    def __exit__(self, *_: object) -> None:
        termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._before)

    def pressed(self) -> list[str]:
        """`"up"`, `"a"`, …, in their order."""
        if not select.select([self._terminal], [], [], 0)[0]:
            return []
        text = os.read(self._terminal, 1024).decode(errors="ignore")
        return [ARROWS.get(arrow, letter) for arrow, letter in KEY.findall(text)]

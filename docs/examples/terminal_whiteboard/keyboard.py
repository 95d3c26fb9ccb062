"""Keys as they are pressed, on the running event loop."""

import asyncio
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CTRL_C = "\x03"
ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
KEY = re.compile(r"\x1b[\[O]([A-D])|(.)", re.DOTALL)


@contextmanager
def keyboard(on_key: Callable[[str], object]) -> Iterator[None]:
    """Have `on_key` called with `"up"`, `"a"`, …; the terminal is afterwards as it was."""
    terminal, loop = sys.stdin.fileno(), asyncio.get_running_loop()

    def read() -> None:
        for arrow, letter in KEY.findall(os.read(terminal, 1024).decode(errors="ignore")):
            on_key(ARROWS.get(arrow, letter))

    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    mode = termios.tcgetattr(terminal)
    mode[6][termios.VINTR] = b"\0"  # Ctrl-C comes as a key
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    loop.add_reader(terminal, read)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)

"""Ctrl-C that is never lost."""

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

AGAIN_S = 0.01
"""Long enough for whatever swallowed the first one to have returned."""


def keep_interrupts() -> None:
    """Have Ctrl-C come again when Python could not raise it: in destructors, and in callbacks of weak references.

    Those run at any moment (one in 400 interrupts of a program that draws with rich), and their exceptions are ignored.
    """
    sys.unraisablehook = _again


def _again(unraisable: "UnraisableHookArgs") -> None:
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        threading.Timer(AGAIN_S, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(unraisable)

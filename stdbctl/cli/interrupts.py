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
        threading.Timer(AGAIN_S, _interrupt).start()
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt() -> None:
    """Interrupt the main thread once it has left the hook; within it, that would be lost like the first one."""
    if _is_in_hook():
        threading.Timer(AGAIN_S, _interrupt).start()
    else:
        os.kill(os.getpid(), signal.SIGINT)


def _is_in_hook() -> bool:
    """Whether the main thread runs `_again`: on a busy machine, starting a timer can take longer than the timer."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_code is not _again.__code__:
        frame = frame.f_back
    return frame is not None

"""Stopping a running call: an exception of our own, raised inside it."""

import ctypes
import threading
from collections.abc import Callable

_pending_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class Stopped(BaseException):
    """A limit ended the call. No `Exception`, so that an author's `except Exception` lets it through."""


class Interruptible:
    """A stretch of work that can be stopped: enter it with `begin`, leave it with `end`.

    `interrupt` raises Stopped at once when it runs on the thread of the work, as a signal handler does. From any other
    thread it asks the main thread to do so at its next instruction.
    """

    __slots__ = ("_callback", "thread", "was_stopped")

    def __init__(self) -> None:
        self.thread = 0
        self.was_stopped = False
        self._callback: Callable[..., int] | None = None

    def begin(self) -> None:
        """The work starts, on this thread."""
        self.was_stopped = False
        self.thread = threading.get_ident()

    def end(self) -> None:
        """The work is over; an interrupt from now on does nothing."""
        self.thread = 0

    def interrupt(self) -> None:
        """Stop the work, if any is under way."""
        if self.thread == 0:
            return
        if self.thread == threading.get_ident():
            self.was_stopped = True
            raise Stopped
        if self.thread == threading.main_thread().ident:
            # Runs between two instructions of the main thread, where it is certain whether the work still goes on.
            self._callback = _pending_type(self._stop_own_thread)
            ctypes.pythonapi.Py_AddPendingCall(self._callback, None)
        else:
            self.was_stopped = True
            _raise_in(self.thread)

    def _stop_own_thread(self, _: object) -> int:
        if self.thread == threading.get_ident():
            self.was_stopped = True
            _raise_in(self.thread)
        return 0


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))

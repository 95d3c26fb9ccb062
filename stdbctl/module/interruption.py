"""Stopping work that is under way: an exception of our own, raised inside it."""

import ctypes
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Stopped(BaseException):
    """A limit ended the work. No `Exception`, so that an author's `except Exception` lets it through."""


class Interruptible:
    """A stretch of work that can be stopped: enter it with `begin`, leave it with `end`.

    On the thread of the work, as in a signal handler, `interrupt` raises Stopped there and then, which ends even a
    regular expression or big arithmetic. From another thread it is raised at the next instruction of Python code.
    """

    __slots__ = ("_is_held", "_is_owed", "_lock", "_thread", "was_stopped")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = 0
        self._is_held = self._is_owed = False
        self.was_stopped = False
        """Whether the work under way has been told to stop."""

    def begin(self) -> None:
        """The work starts, on this thread."""
        self._is_owed = False
        self._thread = threading.get_ident()

    def end(self) -> bool:
        """The work is over, and was stopped or not; an interrupt from now on does nothing. May be called twice."""
        self._thread = 0
        return self.was_stopped and self._settle()

    def shield(self, function: Callable[[T], object], value: T) -> None:
        """Do something of the server's own amid the work, which no signal may cut short; `pay` what it held up."""
        self._is_held = True
        try:
            function(value)
        finally:
            self._is_held = False

    def pay(self) -> None:
        """Stop the work now if it was told to while it was shielded."""
        if self._is_owed:
            self._is_owed = False
            raise Stopped

    def interrupt(self) -> None:
        """Stop the work, if any is under way. Repeat it until the work has ended.

        One interrupt can be lost: the author may catch BaseException, and Python drops what is raised while a
        garbage collection runs a finaliser or a weak reference's callback.
        """
        if self._thread == threading.get_ident():
            self.was_stopped = True
            if self._is_held:
                self._is_owed = True
                return
            raise Stopped
        if not self._lock.acquire(blocking=False):
            return  # the work is ending: a signal handler that waited here would wait for itself
        try:
            # Told before asked: an `end` that this does not see any more sees that it must settle.
            self.was_stopped = True
            if self._thread == 0:
                self.was_stopped = False
            else:
                _raise_in(self._thread, Stopped)
        finally:
            self._lock.release()

    def _settle(self) -> bool:
        """Take in what another thread asked for, whether it arrived already or not.

        Taking it back (`PyThreadState_SetAsyncExc` with NULL) would leave CPython's mark that something is pending for
        ever: every loop of the process would look for it, and code under a tracer would never go on.
        """
        try:
            with self._lock:
                _raise_in(threading.get_ident(), Stopped)
            while True:
                pass
        except Stopped:
            self.was_stopped = False
            return True


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))

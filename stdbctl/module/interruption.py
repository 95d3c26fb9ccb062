"""Stopping work that is under way: an exception of our own, raised inside it."""

import ctypes
import threading


class Stopped(BaseException):
    """A limit ended the work. No `Exception`, so that an author's `except Exception` lets it through."""


class Interruptible:
    """A stretch of work that can be stopped: enter it with `begin`, leave it with `end`.

    On the thread of the work, as in a signal handler, `interrupt` raises Stopped there and then, which ends even a
    regular expression or big arithmetic. From another thread it is raised at the next instruction of Python code.
    """

    __slots__ = ("_lock", "_thread", "_was_stopped")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = 0
        self._was_stopped = False

    def begin(self) -> None:
        """The work starts, on this thread."""
        self._thread = threading.get_ident()

    def end(self) -> bool:
        """The work is over, and was stopped or not; an interrupt from now on does nothing. May be called twice."""
        self._thread = 0
        return self._was_stopped and self._settle()

    def interrupt(self) -> None:
        """Stop the work, if any is under way. Repeat it until the work has ended.

        One interrupt can be lost: the author may catch BaseException, and Python drops what is raised while a
        garbage collection runs a finaliser or a weak reference's callback.
        """
        if self._thread == threading.get_ident():
            self._was_stopped = True
            raise Stopped
        with self._lock:
            # Told before asked: an `end` that this does not see any more sees that it must settle.
            self._was_stopped = True
            if self._thread == 0:
                self._was_stopped = False
            else:
                _raise_in(self._thread, Stopped)

    def _settle(self) -> bool:
        """Take back what another thread asked for and what did not arrive yet."""
        while True:
            try:
                with self._lock:
                    _raise_in(threading.get_ident(), None)
                    self._was_stopped = False
                return True
            except Stopped:
                continue


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)

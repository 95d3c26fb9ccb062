"""How the two faces of a connection wait: the one thing in which they differ for calls and streams."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol


class Waiting(Protocol):
    """Owned by calls and streams; the faces implement it."""

    @property
    def is_async(self) -> bool:
        """Whether calls and streams are awaited."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while rows change and while they are searched."""

    def require_here(self, what: str) -> None:
        """Raise RuntimeError where the connection cannot be used at all: another loop's thread, another process."""

    def require(self, what: str) -> None:
        """Raise when waiting for `what` is impossible here, and say why."""

    def wait_until(self, is_ready: Callable[[], bool], timeout: float | None, what: str) -> None:
        """Block until `is_ready()`, at most `timeout` seconds (None: the connection's own limit).

        Raises:
            TimeoutError: it took longer; the message begins with `what`.
            RuntimeError: blocking is impossible here, and why.
        """

    def report(self, error: BaseException, where: str) -> None:
        """Tell the connection's `on_error` of an exception that nobody else can be told of."""

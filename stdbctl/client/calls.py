"""Calls: what was asked of the server and is answered later.

A call is sent at once. Await it (async face), ask for its `result(timeout)` (sync face), or leave it: a failure that
nobody looked at is reported to the connection's `on_error`.
"""

import asyncio
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from stdbctl.client.waiting import Waiting
from stdbctl.errors import ReducerError

T = TypeVar("T")


class _Failure:
    """An error nobody has seen yet; when it goes unseen, the connection's owner is told."""

    __slots__ = ("error", "is_seen", "waiting", "what")

    def __init__(self, error: BaseException, what: str, waiting: Waiting) -> None:
        self.error, self.what, self.waiting = error, what, waiting
        # What the module refused concerns one call; that the connection is gone is told by `on_disconnect`.
        self.is_seen = not isinstance(error, ReducerError) and not getattr(error, "is_about_one_call", False)

    def __del__(self) -> None:
        if not self.is_seen:
            self.waiting.report(self.error, f"{self.what} failed, and nobody asked for its result")


class Call(Generic[T]):
    """An answer on its way. `what`: a few words for messages (``reducer `add` ``)."""

    __slots__ = ("_abandon", "_failure", "_is_done", "_value", "_waiters", "_waiting", "what")
    _value: T

    def __init__(self, waiting: Waiting, what: str) -> None:
        self._waiting, self.what = waiting, what
        self._is_done = False
        self._failure: _Failure | None = None
        self._waiters: list[Callable[[Call[T]], object]] = []
        self._abandon: Callable[[], object] | None = None

    @property
    def is_done(self) -> bool:
        """Whether the answer is here."""
        return self._is_done

    def result(self, timeout: float | None = None) -> T:
        """The answer. In the sync face this waits for it, at most `timeout` seconds (None: the connection's own limit).

        Raises:
            TimeoutError: it took longer; the call itself goes on.
            ReducerError, InternalError, SubscriptionError, ConnectionLost: as the call ended.
        """
        if not self._is_done:
            try:
                self._waiting.wait_until(lambda: self._is_done, timeout, self.what)
            except BaseException:
                self._abandoned()
                raise
        return self._answer()

    def exception(self) -> BaseException | None:
        """The error that a finished call ended with; None when it went well or is not done."""
        if self._failure is None:
            return None
        self._failure.is_seen = True
        return self._failure.error

    def on_done(self, callback: "Callable[[Call[T]], object]") -> None:
        """Have `callback(call)` called when the answer is here; at once when it is."""
        if self._is_done:
            callback(self)
        else:
            self._waiters.append(callback)

    def __await__(self) -> Generator[Any, None, T]:
        if not self._waiting.is_async:
            raise TypeError("this connection is synchronous; ask for `result(timeout)` instead of awaiting")
        if not self._is_done:
            arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def wake(_: object) -> None:
                if not arrived.done():
                    arrived.set_result(None)

            self._waiters.append(wake)
            try:
                yield from arrived
            finally:
                if not self._is_done:
                    self._waiters.remove(wake)
                    self._abandoned()
        return self._answer()

    def _answer(self) -> T:
        if self._failure is None:
            return self._value
        self._failure.is_seen = True
        raise self._failure.error

    def when_abandoned(self, action: Callable[[], object]) -> None:
        """The connection's to call: have `action()` run when waiting was cut short and nobody else waits."""
        self._abandon = action

    def _abandoned(self) -> None:
        if self._abandon is not None and not self._is_done and not self._waiters:
            self._abandon()

    def finish(self, value: T) -> None:
        """The connection's to call: the answer came."""
        if not self._is_done:
            self._value = value
            self._settle()

    def fail(self, error: BaseException) -> None:
        """The connection's to call: it ended with an error."""
        if not self._is_done:
            self._failure = _Failure(error, self.what, self._waiting)
            self._settle()

    def _settle(self) -> None:
        self._is_done = True
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            try:
                waiter(self)
            except Exception as error:
                self._waiting.report(error, f"a callback for the end of {self.what}")

    def __repr__(self) -> str:
        state = "waiting" if not self._is_done else "done" if self._failure is None else repr(self._failure.error)
        return f"<Call {self.what}: {state}>"

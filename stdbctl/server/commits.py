"""Group commit: while one group of transactions is being fsynced on a second thread, the next one gathers."""

import asyncio
import signal
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar, cast

from stdbctl.engine import Lost
from stdbctl.server.deliveries import Deliveries, Group, release

T = TypeVar("T")
_Step = tuple[Callable[[], object], Callable[[], object], "asyncio.Future[object]"]
_Chore = tuple[Callable[[], bool], Callable[["Future[bool]"], None]]


class Committing(Protocol):
    """The part of the engine's database that commits. See docs/engine.md."""

    def begin_commit(self) -> Callable[[], None] | None: ...

    def end_commit(self, error: BaseException | None) -> Lost | None: ...


class NotStored(Exception):
    """The transactions of a group could not be put on disk; memory is back at the last that was."""


class GroupCommit:
    """Holds back what must not be said before it is durable, and says it when it is.

    `lost(group, loss)` is told whose messages will never come because the disk said no.
    """

    def __init__(self, database: Committing, *, name: str, lost: Callable[[Group, Lost], None]) -> None:
        self._database, self._lost = database, lost
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"fsync-{name}", initializer=_deaf_to_timers)
        self._is_busy = self._is_closed = False
        self._chore: _Chore | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._steps: deque[_Step] = deque()
        self.held = Deliveries()

    def settle(self) -> None:
        """Start to commit what was done since the last group, unless a group is under way."""
        if self._is_busy or self._is_closed:
            return
        if self._chore is not None:
            self._run(self._chore)
            return
        before = self._begin_step() if self._steps else None
        fsync = self._database.begin_commit()
        group, waiting = self.held.take(), self._take_waiting()
        if fsync is None:
            self._succeed(group, waiting)
            return
        self._is_busy = True
        job = fsync if before is None else _one_after_the_other(before, fsync)
        self._thread.submit(job).add_done_callback(
            lambda done: self._loop.call_soon_threadsafe(self._finish, done, group, waiting)
        )

    async def durable(self) -> None:
        """Wait until all that was done so far is on disk; NotStored when it cannot be."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(waiter)
        self.settle()
        await waiter

    def between(self, chore: Callable[[], bool], done: Callable[["Future[bool]"], None]) -> None:
        """Run something short on the second thread as soon as no group is under way; the next group waits for it.

        `done` hears how it ended, on the event loop's thread. One at a time; after `close` nothing runs.
        """
        assert self._chore is None, "one at a time"
        self._chore = chore, done
        self.settle()

    async def step(self, action: Callable[[], T], before: Callable[[], object]) -> T:
        """Run `action` when all that was done before it is on disk; the next group begins with what it does.

        `before` runs on the second thread, right before that group is committed: if it raises, the action is undone as
        a transaction is that cannot be stored. Returns once the group is on disk; raises what the action raises, or
        NotStored. Calls go on meanwhile, and are answered after it.
        """
        ended: asyncio.Future[object] = self._loop.create_future()
        self._steps.append((action, before, ended))
        self.settle()
        result = cast("T", await ended)  # it is what `action` gave
        await self.durable()
        return result

    def close(self) -> None:
        """End the thread; nothing may be under way, and nothing is committed any more."""
        self._is_closed = True
        self._thread.shutdown()
        for _, _, ended in self._steps:
            _end(ended, error=NotStored("the database is closing"))

    def _begin_step(self) -> Callable[[], object] | None:
        """Commit what is queued, on this thread, then run the first step; what must precede its commit, if it ran."""
        action, before, ended = self._steps.popleft()
        try:
            if not self._commit_here():
                raise NotStored("what was to be stored before it could not be")
            result = action()
        except Exception as error:
            _end(ended, error=error)
            return None
        _end(ended, result)
        return before

    def _commit_here(self) -> bool:
        """Commit what is queued without leaving this thread, so that nothing else is done; whether it is on disk."""
        fsync = self._database.begin_commit()
        group, waiting = self.held.take(), self._take_waiting()
        try:
            if fsync is not None:
                fsync()
        except Exception as error:
            self._fail(group, waiting, error)
            return False
        if fsync is not None:
            self._database.end_commit(None)
        self._succeed(group, waiting)
        return True

    def _run(self, chore: "_Chore") -> None:
        self._is_busy = True
        self._thread.submit(chore[0]).add_done_callback(
            lambda ended: self._loop.call_soon_threadsafe(self._ran, ended, chore)
        )

    def _ran(self, ended: "Future[bool]", chore: "_Chore") -> None:
        self._is_busy, self._chore = False, None
        chore[1](ended)
        self._loop.call_soon(self.settle)

    def _finish(self, done: "Future[None]", group: Group, waiting: list[asyncio.Future[None]]) -> None:
        self._is_busy = False
        error = done.exception()
        if error is None:
            self._database.end_commit(None)
            self._succeed(group, waiting)
        else:
            self._fail(group + self.held.take(), waiting + self._take_waiting(), error)
        # Not at once: what was released leaves when the loop turns, before the next group's row statements.
        self._loop.call_soon(self.settle)

    def _succeed(self, group: Group, waiting: list[asyncio.Future[None]]) -> None:
        release(group)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _fail(self, group: Group, waiting: list[asyncio.Future[None]], error: BaseException) -> None:
        loss = self._database.end_commit(error)
        assert loss is not None, "a failed commit says what it took with it"
        self._lost(group, loss)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(NotStored(str(error)))

    def _take_waiting(self) -> list[asyncio.Future[None]]:
        waiting, self._waiting = self._waiting, []
        return waiting


def _end(future: "asyncio.Future[object]", result: object = None, error: Exception | None = None) -> None:
    """Whoever waited may have gone."""
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _one_after_the_other(before: Callable[[], object], fsync: Callable[[], None]) -> Callable[[], None]:
    def job() -> None:
        before()
        fsync()

    return job


def _deaf_to_timers() -> None:
    """Leave the runaway guard's signal to the main thread, so that it interrupts no fsync."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})

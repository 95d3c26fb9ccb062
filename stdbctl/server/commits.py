"""Group commit: while one group of transactions is being fsynced on a second thread, the next one gathers."""

import asyncio
import signal
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar, cast

from stdbctl.engine import Lost
from stdbctl.errors import Fault
from stdbctl.server.deliveries import Deliveries, Group, release
from stdbctl.store import StoreLost

T = TypeVar("T")
_CLOSING = "the database is closing"
_Step = tuple[Callable[[], object], Callable[[], object], "asyncio.Future[object]"]
_Chore = tuple[Callable[[], bool], Callable[["Future[bool]"], None]]


class Committing(Protocol):
    """The part of the engine's database that commits. See docs/engine.md."""

    def begin_commit(self) -> Callable[[], None] | None: ...

    def end_commit(self, error: BaseException | None) -> Lost | None: ...


class NotStored(Exception):
    """The transactions of a group could not be put on disk; memory is back at the last that was."""


def loss_text(error: BaseException) -> str:
    """What to tell the caller of a transaction whose commit failed."""
    if isinstance(error, StoreLost):
        return f"it is not known whether the transaction is stored: {reason_of(error)}"
    return f"the transaction could not be stored and was undone: {reason_of(error)}"


def reason_of(error: BaseException) -> str:
    """Why something could not be stored, without the server's paths: clients are told."""
    return error.why if isinstance(error, Fault) and error.why else str(error) or type(error).__name__


class GroupCommit:
    """Holds back what must not be said before it is durable, and says it when it is.

    `lost(group, loss)` is told whose messages will never come because the disk said no; `broke(error)`, that something
    failed here of which nobody thought, and what is on disk is not known.
    """

    def __init__(
        self,
        database: Committing,
        *,
        name: str,
        lost: Callable[[Group, Lost], None],
        broke: Callable[[BaseException], None],
    ) -> None:
        self._database, self._lost, self._broke = database, lost, broke
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"fsync-{name}", initializer=_deaf_to_timers)
        self._is_busy = self._is_closed = False
        self._chores: deque[_Chore] = deque()
        self._waiting: list[asyncio.Future[None]] = []
        self._steps: deque[_Step] = deque()
        self.held = Deliveries()

    def settle(self) -> None:
        """Start to commit what was done since the last group, unless a group is under way."""
        if self._is_busy or self._is_closed:
            return
        if self._chores:
            self._submit(*self._chores.popleft())
            return
        try:
            before = self._begin_step() if self._steps else None
            fsync = self._database.begin_commit()
        except Exception as error:
            self._refuse(self._take_waiting(), error)
            self._broke(error)
            return
        group, waiting = self.held.take(), self._take_waiting()
        if fsync is None:
            self._succeed(group, waiting)
            if self._steps:
                self._loop.call_soon(self.settle)
            return
        job = fsync if before is None else _one_after_the_other(before, fsync)
        self._submit(job, lambda done: self._finish(done, group, waiting))

    async def durable(self) -> None:
        """Wait until all that was done so far is on disk; NotStored when it cannot be."""
        self._check_open()
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(waiter)
        self.settle()
        await waiter

    def between(self, chore: Callable[[], bool], done: Callable[["Future[bool]"], None]) -> None:
        """Run something short on the second thread as soon as no group is under way; the next group waits for it.

        `done` hears how it ended, on the event loop's thread. After `close` nothing runs.
        """
        self._chores.append((chore, done))
        self.settle()

    async def step(self, action: Callable[[], T], before: Callable[[], object]) -> T:
        """Run `action` when all that was done before it is on disk; the next group begins with what it does.

        `before` runs on the second thread, right before that group is committed: if it raises, the action is undone as
        a transaction is that cannot be stored. Returns once the group is on disk; raises what the action raises, or
        NotStored. Calls go on meanwhile, and are answered after it.
        """
        self._check_open()
        ended: asyncio.Future[object] = self._loop.create_future()
        self._steps.append((action, before, ended))
        self.settle()
        return cast("T", await ended)  # it is what `action` gave

    def close(self) -> None:
        """End the thread; nothing may be under way, and nothing is committed any more."""
        self._is_closed = True
        self._thread.shutdown()
        for _, _, ended in self._steps:
            _hand_over(ended, error=NotStored(_CLOSING))
        self._steps.clear()
        for waiter in self._take_waiting():
            if not waiter.done():
                waiter.set_exception(NotStored(_CLOSING))

    def _check_open(self) -> None:
        """NotStored once it is closed: nobody would ever answer."""
        if self._is_closed:
            raise NotStored(_CLOSING)

    def _begin_step(self) -> Callable[[], object] | None:
        """Commit what is queued, on this thread, then run the first step; what must precede its commit, if it ran."""
        action, before, ended = self._steps.popleft()
        try:
            if not self._commit_here():
                raise NotStored("what was to be stored before it could not be")
            result = action()
        except Exception as error:
            _hand_over(ended, error=error)
            return None
        # Who waits for the step waits for its own group: what later ones come to is not its business.
        stored: asyncio.Future[None] = self._loop.create_future()
        stored.add_done_callback(lambda done: _hand_over(ended, result, done.exception()))
        self._waiting.append(stored)
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

    def abandon(self, error: BaseException) -> None:
        """Close while messages and callers still wait: those are dropped, these are told."""
        self._refuse(self._take_waiting(), error)
        self.close()
        self.held.take()

    def _submit(self, action: Callable[[], T], ended: Callable[["Future[T]"], None]) -> None:
        """Run something on the second thread, then `ended` on this one; a thread that cannot run it is its failure."""
        self._is_busy = True
        try:
            running = self._thread.submit(action)
        except RuntimeError as error:  # no thread can be started, or it died
            running = Future()
            running.set_exception(error)
        running.add_done_callback(lambda done: self._loop.call_soon_threadsafe(self._end, done, ended))

    def _end(self, done: "Future[T]", ended: Callable[["Future[T]"], None]) -> None:
        self._is_busy = False
        try:
            ended(done)
        except Exception as error:
            self._broke(error)
        # Not at once: what was released leaves when the loop turns, before the next group's row statements.
        self._loop.call_soon(self.settle)

    def _finish(self, done: "Future[None]", group: Group, waiting: list[asyncio.Future[None]]) -> None:
        error = done.exception()
        try:
            if error is None:
                self._database.end_commit(None)
                self._succeed(group, waiting)
            else:
                self._fail(group + self.held.take(), waiting + self._take_waiting(), error)
        except Exception as bug:
            self._refuse(waiting, bug)
            raise

    def _succeed(self, group: Group, waiting: list[asyncio.Future[None]]) -> None:
        release(group)
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _fail(self, group: Group, waiting: list[asyncio.Future[None]], error: BaseException) -> None:
        loss = self._database.end_commit(error)
        assert loss is not None, "a failed commit says what it took with it"
        self._lost(group, loss)
        self._refuse(waiting, loss.error)

    def _refuse(self, waiting: list[asyncio.Future[None]], error: BaseException) -> None:
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(NotStored(loss_text(error)))

    def _take_waiting(self) -> list[asyncio.Future[None]]:
        waiting, self._waiting = self._waiting, []
        return waiting


def _hand_over(future: "asyncio.Future[object]", result: object = None, error: BaseException | None = None) -> None:
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

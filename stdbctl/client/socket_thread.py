"""A connection's sockets in a thread of their own, for the synchronous face: what they do is put into a queue.

User code never runs in this thread. The queue is bounded: when QUEUE_BYTES_MAX wait to be polled, the socket is left
unread until they have been; a program that does not poll for half a minute then loses its server's patience.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from stdbctl.client.keeper import Keeper, Port
from stdbctl.client.link import Link
from stdbctl.errors import StdbctlError

QUEUE_BYTES_MAX = 64 * 1024 * 1024
"""Bytes of frames that wait to be polled; a larger single frame goes alone."""
CLOSE_SECONDS = 5.0
"""How long `close` waits for the thread: longer than the closing handshake may take."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A socket is open."""

    link: Link
    is_batched: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame came by a socket."""

    link: Link
    data: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """A socket is gone."""

    why: str
    error: Exception | None


@dataclass(frozen=True, slots=True)
class Ended:
    """There will be no more sockets."""

    error: StdbctlError


Happening = Opened | Frame | Lost | Ended


class SocketThread:
    """The sockets of one connection. `token()`: what the server is shown. `frames(messages)`: packs messages."""

    def __init__(
        self,
        keeper: Callable[[Port], Keeper],
        *,
        token: Callable[[], str | None],
        frames: Callable[[list[bytes]], list[bytes]],
    ) -> None:
        self._token, self._frames = token, frames
        self._happenings: deque[Happening] = deque()
        self._lock = threading.Lock()  # entered itself: Ctrl-C within Condition's own `__enter__` would keep it
        self._news = threading.Condition(self._lock)
        self._queued_bytes = 0
        self._link: Link | None = None
        self._to_send: deque[tuple[Link, list[bytes]]] = deque()
        self._is_flush_due = False
        self._loop = asyncio.new_event_loop()
        self._keeper = keeper(self)
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="stdbctl sockets", daemon=True)
        self._thread.start()

    # -- the program's threads ------------------------------------------------------------------------------------

    def wait(self, timeout_s: float, is_enough: Callable[[], bool]) -> int:
        """How much there is to take; when nothing, wait for it or for `is_enough()`, at most `timeout_s`."""
        with self._lock:
            if not self._happenings and timeout_s > 0:
                self._news.wait_for(lambda: bool(self._happenings) or is_enough(), timeout_s)
            return len(self._happenings)

    def take(self) -> Happening | None:
        """What has happened first; None when another thread has taken it. One thread at a time."""
        with self._lock:
            if not self._happenings:
                return None
            happening = self._happenings.popleft()
            was_full = self._queued_bytes > QUEUE_BYTES_MAX
            self._queued_bytes -= len(happening.data) if isinstance(happening, Frame) else 0
            is_full = self._queued_bytes > QUEUE_BYTES_MAX
        if was_full and not is_full:
            self._soon(self._resume)
        return happening

    def kick(self) -> None:
        """Have whoever is in `wait` look again: another thread may have taken what it waits for."""
        with self._lock:
            self._news.notify_all()

    def send(self, link: Link, messages: list[bytes]) -> None:
        """Send messages by a socket; they are dropped when it is gone."""
        self._to_send.append((link, messages))
        if not self._is_flush_due:
            self._is_flush_due = True
            try:
                self._soon(self._flush)
            except BaseException:  # Ctrl-C: whoever sends next must not believe that it is on its way
                self._is_flush_due = False
                raise

    def fail(self, link: Link | None, error: Exception) -> None:
        """End a socket because of what came by it; None: the one that is open."""
        self._soon(lambda: self._fail(link or self._link, error))

    def close(self) -> None:
        """Send what waits to be sent, end the sockets and the thread."""
        self._soon(self._stop)
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_SECONDS)

    def _soon(self, action: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(action)
            except RuntimeError:
                return  # closed in between: there is nothing to do it to

    # -- this thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._keeper.run())
        try:
            self._loop.run_until_complete(asyncio.wait([self._task]))
        finally:
            self._loop.close()

    def _stop(self) -> None:
        self._flush()
        if self._task is not None:
            self._task.cancel()

    def _flush(self) -> None:
        self._is_flush_due = False
        waiting: list[bytes] = []
        while self._to_send and (self._link is None or self._link.can_send or self._to_send[0][0] is not self._link):
            link, messages = self._to_send.popleft()
            if link is self._link:
                waiting += messages
            else:
                self._frames(messages)  # counted as sent; whoever asked hears that the socket is gone
        if waiting and self._link is not None:
            self._link.send(self._frames(waiting))

    def _fail(self, link: Link | None, error: Exception) -> None:
        if link is not None:
            link.fail(error)

    def _resume(self) -> None:
        if self._link is not None:
            self._link.resume()

    def _put(self, happening: Happening, size: int = 0) -> None:
        with self._lock:
            self._happenings.append(happening)
            self._queued_bytes += size
            if self._queued_bytes > QUEUE_BYTES_MAX and self._link is not None:
                self._link.pause()
            self._news.notify_all()

    # -- the keeper's port ----------------------------------------------------------------------------------------

    @property
    def token(self) -> str | None:
        """What the server is shown."""
        return self._token()

    def opened(self, link: Link, *, is_batched: bool) -> None:
        """A socket is open."""
        self._link = link
        self._put(Opened(link, is_batched))

    def frame(self, frame: bytes) -> None:
        """A frame came."""
        assert self._link is not None, "frames follow `opened`"
        self._put(Frame(self._link, frame), len(frame))

    def lost(self, why: str, error: Exception | None) -> None:
        """The socket is gone."""
        self._link = None
        self._flush()
        self._put(Lost(why, error))

    def ended(self, error: StdbctlError) -> None:
        """There will be no more sockets."""
        self._put(Ended(error))

    def ready(self) -> None:
        """The socket has room again."""
        self._flush()

"""Ending calls that run too long: a timer's signal on the main thread, and a page that the supervisor watches.

A thread that injects an exception cannot interrupt a regular expression or big arithmetic; a signal can. What is deaf
to signals too is seen by the supervisor through `WatchPage`, a small file that both processes map into memory:

    since     f64   monotonic seconds at which the running batch began; 0 = nothing runs
    database  32 bytes, the identity of the database it runs in
    program   32 bytes, the hash of the program that runs
    table     u32, and
    key       u64: the scheduled row that runs; table 0 = none does
    length    u16   of the name that follows
    name      UTF-8, what was called last
"""

import contextlib
import mmap
import signal
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NamedTuple

from stdbctl.server import limits
from stdbctl.server.memory import give_memory_back

PAGE_BYTES = 4096
_SINCE = struct.Struct("<d")
_NAME = struct.Struct("<H")
_DATABASE_AT = _SINCE.size
_ROW = struct.Struct("<IQ")
_PROGRAM_AT = _DATABASE_AT + 32
_ROW_AT = _PROGRAM_AT + 32
_NAME_AT = _ROW_AT + _ROW.size
_TEXT_AT = _NAME_AT + _NAME.size
_REPEAT_S = 0.25
"""An author's `except BaseException` may swallow one interruption: it comes again."""
_LONG_S = 0.2
"""A batch that took so long may leave much memory behind, which the C library would keep (measured: 270 MiB)."""


class Running(NamedTuple):
    """What the page says. `database`: the identity's bytes, least significant first; `program`: its hash.

    `row`: table id and primary key of the scheduled row that runs; table 0 = none does.
    """

    since: float
    database: bytes
    program: bytes
    name: str
    row: tuple[int, int]


class WatchPage:
    """The shared page, from either side."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, PAGE_BYTES)
        self._name = ""
        self._row = (0, 0)

    def begin(self, place: bytes) -> None:
        """A batch begins. `place`: 64 bytes, the database's identity and its program's hash."""
        self._map[_DATABASE_AT:_ROW_AT] = place
        _NAME.pack_into(self._map, _NAME_AT, 0)
        self._name = ""
        self._put_row((0, 0))
        _SINCE.pack_into(self._map, 0, time.monotonic())

    def name(self, name: str, row: tuple[int, int]) -> None:
        """A call begins within the batch, that of a scheduled row or of none."""
        if row != self._row:
            self._put_row(row)
        if name == self._name:
            return
        self._name = name
        text = name.encode()[: PAGE_BYTES - _TEXT_AT]
        end = _TEXT_AT + len(text)
        self._map[_NAME_AT:end] = _NAME.pack(len(text)) + text

    def _put_row(self, row: tuple[int, int]) -> None:
        self._row = row
        _ROW.pack_into(self._map, _ROW_AT, *row)

    def end(self) -> None:
        """Nothing runs."""
        _SINCE.pack_into(self._map, 0, 0.0)

    def resume(self) -> None:
        """The batch that was ended goes on as if it had just begun."""
        _SINCE.pack_into(self._map, 0, time.monotonic())

    def read(self) -> Running | None:
        """What runs, or None."""
        (since,) = _SINCE.unpack_from(self._map, 0)
        if not since:
            return None
        (length,) = _NAME.unpack_from(self._map, _NAME_AT)
        text = self._map[_TEXT_AT : _TEXT_AT + length].decode(errors="replace")
        table_id, key = _ROW.unpack_from(self._map, _ROW_AT)
        database, program = self._map[_DATABASE_AT:_PROGRAM_AT], self._map[_PROGRAM_AT:_ROW_AT]
        return Running(since, database, program, text, (table_id, key))


class RunawayGuard:
    """Watches batches of calls: `begin` and `end` arm the timer anew. One batch runs at a time.

    A batch lasts a few ms unless one of its calls does not end: so a timer per batch is as good as one per call.
    Outside the main thread, where Python delivers no signals, nothing is armed.
    """

    def __init__(self, limit_s: float, page: WatchPage | None = None) -> None:
        self.limit_s, self._page = limit_s, page
        self._interrupt: Callable[[], None] | None = None
        self._since = 0.0
        self.stop_leftover: Callable[[FrameType | None], None] = lambda _: None
        """Given the frame that a ring interrupted: ends a module's code that runs there although nobody called it."""
        self._is_armable = threading.current_thread() is threading.main_thread()
        if self._is_armable:
            signal.signal(signal.SIGALRM, self._ring)

    def begin(self, place: bytes, interrupt: Callable[[], None]) -> None:
        """User code is about to run; `interrupt` is called, again and again, once it took too long.

        `place`: see `place_of`.
        """
        self._interrupt = interrupt
        self._since = time.monotonic()
        if self._page is not None:
            self._page.begin(place)
        self._arm()

    @contextlib.contextmanager
    def watching(self, place: bytes, interrupt: Callable[[], None], name: str) -> Iterator[None]:
        """`begin`, `name` and `end` around one call."""
        self.begin(place, interrupt)
        self.name(name)
        try:
            yield
        finally:
            self.end()

    def name(self, name: str, row: tuple[int, int] = (0, 0)) -> None:
        """Say what is called now, and for which scheduled row: what is to blame if the call never comes back."""
        if self._page is not None:
            self._page.name(name, row)

    def end(self) -> None:
        """User code is done."""
        self._interrupt = None
        self._arm()
        if self._page is not None:
            self._page.end()
        if time.monotonic() - self._since > _LONG_S:
            give_memory_back()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Work of the server's own amid a batch, which may take its time: no call is to blame for it."""
        interrupt, self._interrupt = self._interrupt, None
        self._arm()
        if self._page is not None:
            self._page.end()
        try:
            yield
        finally:
            self._interrupt, self._since = interrupt, time.monotonic()
            if self._page is not None:
                self._page.resume()
            self._arm()

    def keep_watch(self, call_later: Callable[[float, Callable[[], None]], object]) -> None:
        """Stay armed between batches, too; `call_later` is the event loop's, which rings if it stands still.

        What modules leave behind, such as an open generator, is finalised at any time, also amid the server's own work.
        """
        if self._interrupt is None:
            self._arm()
        call_later(self.limit_s / 4, lambda: self.keep_watch(call_later))

    def _arm(self) -> None:
        if self._is_armable:
            signal.setitimer(signal.ITIMER_REAL, self.limit_s + limits.DRAIN_S, _REPEAT_S)

    def _ring(self, _signal: int, frame: FrameType | None) -> None:
        interrupt = self._interrupt
        if interrupt is not None:
            interrupt()
        self.stop_leftover(frame)

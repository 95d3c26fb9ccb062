"""Ending calls that run too long: a timer's signal on the main thread, and a page that the supervisor watches.

A thread that injects an exception cannot interrupt a regular expression or big arithmetic; a signal can. What is deaf
to signals too is seen by the supervisor through `WatchPage`, a small file that both processes map into memory:

    since     f64   monotonic seconds at which the running batch began; 0 = nothing runs
    database  32 bytes, the identity of the database it runs in
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

PAGE_BYTES = 4096
_SINCE = struct.Struct("<d")
_NAME = struct.Struct("<H")
_DATABASE_AT = _SINCE.size
_ROW = struct.Struct("<IQ")
_ROW_AT = _DATABASE_AT + 32
_NAME_AT = _ROW_AT + _ROW.size
_TEXT_AT = _NAME_AT + _NAME.size
_REPEAT_S = 0.25
"""An author's `except BaseException` may swallow one interruption: it comes again."""


class Running(NamedTuple):
    """What the page says. `database`: the identity's bytes, least significant first.

    `row`: table id and primary key of the scheduled row that runs; table 0 = none does.
    """

    since: float
    database: bytes
    name: str
    row: tuple[int, int]


class WatchPage:
    """The shared page, from either side."""

    def __init__(self, fd: int) -> None:
        self._map = mmap.mmap(fd, PAGE_BYTES)
        self._name = ""
        self._row = (0, 0)

    def begin(self, database: bytes) -> None:
        """A batch begins."""
        self._map[_DATABASE_AT:_ROW_AT] = database
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

    def read(self) -> Running | None:
        """What runs, or None."""
        (since,) = _SINCE.unpack_from(self._map, 0)
        if not since:
            return None
        (length,) = _NAME.unpack_from(self._map, _NAME_AT)
        text = self._map[_TEXT_AT : _TEXT_AT + length].decode(errors="replace")
        table_id, key = _ROW.unpack_from(self._map, _ROW_AT)
        return Running(since, self._map[_DATABASE_AT:_ROW_AT], text, (table_id, key))


class RunawayGuard:
    """Watches batches of calls: `begin` arms the timer, `end` disarms it. One batch runs at a time.

    A batch lasts a few ms unless one of its calls does not end: so a timer per batch is as good as one per call.
    Outside the main thread, where Python delivers no signals, nothing is armed.
    """

    def __init__(self, limit_s: float, page: WatchPage | None = None) -> None:
        self.limit_s, self._page = limit_s, page
        self._interrupt: Callable[[], None] | None = None
        self._is_armable = threading.current_thread() is threading.main_thread()
        if self._is_armable:
            signal.signal(signal.SIGALRM, self._ring)

    def begin(self, database: bytes, interrupt: Callable[[], None]) -> None:
        """User code is about to run; `interrupt` is called, again and again, once it took too long."""
        self._interrupt = interrupt
        if self._page is not None:
            self._page.begin(database)
        if self._is_armable:
            signal.setitimer(signal.ITIMER_REAL, self.limit_s + limits.DRAIN_S, _REPEAT_S)

    @contextlib.contextmanager
    def watching(self, database: bytes, interrupt: Callable[[], None], name: str) -> Iterator[None]:
        """`begin`, `name` and `end` around one call."""
        self.begin(database, interrupt)
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
        if self._is_armable:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if self._page is not None:
            self._page.end()

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        interrupt = self._interrupt
        if interrupt is not None:
            interrupt()

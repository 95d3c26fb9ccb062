"""An alarm on the event loop: wakes a database when its next scheduled row is due."""

import asyncio
from collections.abc import Callable

from stdbctl.server import limits

_EARLY_S = 0.001
"""Timers count in milliseconds and may ring a little early: then it rings once more."""


class Alarm:
    """Rings `ring()` at a moment on `clock` (microseconds), not before; set anew after each ring."""

    def __init__(self, clock: Callable[[], int], ring: Callable[[], None]) -> None:
        self._clock, self._ring = clock, ring
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._at: int | None = None

    def set(self, at: int | None) -> None:
        """Ring at this moment instead of any other; None = not at all. Cost: nothing while the moment stays."""
        if at == self._at:
            return
        self._at = at
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if at is not None:
            self._wait(at)

    def _wait(self, at: int) -> None:
        delay_s = (at - self._clock()) / 1_000_000
        self._timer = self._loop.call_later(min(max(delay_s, _EARLY_S), limits.ALARM_LOOK_S), self._look)

    def _look(self) -> None:
        """Time came, or it is time to see whether somebody set the clock."""
        at, self._timer = self._at, None
        if at is None:
            return
        if at > self._clock():
            self._wait(at)
        else:
            self._at = None
            self._ring()

"""The server's one clock: the machine's, except that it never goes back.

If the machine's clock is set back, the server's goes on at the pace of time, ahead of it by as much, until the server
ends or the machine's clock is set forward again. So timestamps keep meaning "later", and no schedule stalls. Small
corrections, as a time service makes them all the time, are followed.
"""

import time
from collections.abc import Callable

_STEP_MICROS = 10_000
"""A difference between the machine's clocks from one reading to the next that is no correction, but a setting."""


def _wall() -> int:
    return time.time_ns() // 1000


def _steady() -> int:
    return time.monotonic_ns() // 1000


class Clock:
    """Call it for microseconds since 1970, UTC. `wall`: the machine's clock; `steady`: one that nobody sets."""

    __slots__ = ("_ahead", "_last", "_last_steady", "_last_wall", "_steady", "_wall")

    def __init__(self, wall: Callable[[], int] = _wall, steady: Callable[[], int] = _steady) -> None:
        self._wall, self._steady = wall, steady
        self._last = self._last_wall = wall()
        self._last_steady = steady()
        self._ahead = 0

    def __call__(self) -> int:
        """Read the clock."""
        wall, steady = self._wall(), self._steady()
        step = (wall - self._last_wall) - (steady - self._last_steady)
        if step < -_STEP_MICROS or (step > _STEP_MICROS and self._ahead):
            self._ahead = max(0, self._ahead - step)
        self._last_wall, self._last_steady = wall, steady
        self._last = max(self._last, wall + self._ahead)
        return self._last

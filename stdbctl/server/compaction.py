"""Old history goes in the background: a short step every now and then, on the thread that commits, between groups."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from stdbctl.server import limits
from stdbctl.store import KeptHistory, Retention

_LOGGER = logging.getLogger("stdbctl.server")
_Between = Callable[[Callable[[], bool], Callable[["Future[bool]"], None]], None]


class CompactionPlan(NamedTuple):
    """What is kept, and how many seconds pass between two looks at what may go."""

    retention: Retention
    every_s: float


class Compaction:
    """Goes on until `stop`. `between(step, ended)` runs a step between two groups and tells how it ended."""

    def __init__(
        self, history: KeptHistory, plan: CompactionPlan, *, clock: Callable[[], int], between: _Between
    ) -> None:
        self._history, self._plan, self._clock, self._between = history, plan, clock, between
        self._loop = asyncio.get_running_loop()
        self._is_stopped = self._has_failed = False
        self._timer = self._loop.call_later(plan.every_s, self._begin)

    def stop(self) -> None:
        """Begin no further step."""
        self._is_stopped = True
        self._timer.cancel()

    def _begin(self) -> None:
        retention, now = self._plan.retention, self._clock()
        self._between(lambda: self._history.compact_history(retention, now), self._ended)

    def _ended(self, step: "Future[bool]") -> None:
        """A step that failed took nothing, and is tried again; the first failure in a row is reported."""
        error = step.exception()
        if error is not None and not self._has_failed:
            _LOGGER.error("old history could not be deleted: %s", error)
        self._has_failed = error is not None
        if not self._is_stopped:
            has_more = error is None and step.result()
            self._timer = self._loop.call_later(limits.COMPACT_AGAIN_S if has_more else self._plan.every_s, self._begin)

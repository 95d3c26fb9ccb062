"""The turn of a database's scheduled rows among the turns of its clients."""

import logging
import time
from collections.abc import Callable, Iterable

from stdbctl.engine import Database, Due, UpdateGroup
from stdbctl.server import limits
from stdbctl.server.alarm import Alarm
from stdbctl.server.guard import RunawayGuard

_LOGGER = logging.getLogger("stdbctl.server")


class DueRows:
    """Runs what is due when it is told to, and says when: `wake()` is called once the next row's moment has come.

    `clock()`: microseconds; `fan_out`: takes the updates of what ran.
    """

    def __init__(
        self,
        database: Database,
        *,
        guard: RunawayGuard,
        clock: Callable[[], int],
        fan_out: Callable[[Iterable[UpdateGroup]], None],
        wake: Callable[[], None],
    ) -> None:
        self._database, self._guard, self._clock, self._fan_out = database, guard, clock, fan_out
        self._alarm = Alarm(clock, wake)
        self._told_late = -limits.LATE_EVERY_S

    def wait(self) -> None:
        """Have `wake` called at the next row's moment; to be repeated after everything that may have changed it."""
        self._alarm.set(self._database.next_due)

    def stop(self) -> None:
        """Wake nobody any more."""
        self._alarm.set(None)

    def turn(self, deadline: float) -> bool:
        """Run rows until none is due, the deadline has passed, or it is a client's turn; whether more may be due."""
        for _ in range(limits.DUE_TURN_ROWS):
            due = self._database.due()
            if due is None:
                return False
            self._run(due)
            if time.monotonic() >= deadline:
                break
        return True

    def _run(self, due: Due) -> None:
        self._guard.name(due.function, (due.table_id, due.key))
        self._tell_late(due)
        try:
            for committed in self._database.run_due(due):
                self._fan_out(committed.groups)
        except Exception:
            _LOGGER.exception("a scheduled row failed inside the server")

    def _tell_late(self, due: Due) -> None:
        late_s, now = (self._clock() - due.at) / 1_000_000, time.monotonic()
        if late_s > limits.LATE_S and now - self._told_late >= limits.LATE_EVERY_S:
            self._told_late = now
            database = self._database.identity
            _LOGGER.warning("scheduled reducer `%s` of database %s is %.3f s late", due.function, database, late_s)

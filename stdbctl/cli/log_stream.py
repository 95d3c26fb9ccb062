"""The lines of a module's log as a stream that outlives its connection."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from stdbctl.cli.log_lines import LogLine

if TYPE_CHECKING:
    from stdbctl.cli.target import Target

OVERLAP_LINES = 2500
"""How far a new connection looks back for what was missed; more than this a server does not repeat when followed."""
UNAVAILABLE = 503
"""What a server answers while it starts or ends."""
FIRST_WAIT_SECONDS = 0.1
WAIT_SECONDS_MAX = 2.0


class LogStream:
    """What a database logged and logs, each line once, although connections overlap.

    The newest lines seen are remembered as they came; a new connection repeats at most as many, and those are skipped.
    """

    def __init__(self, target: "Target", is_wanted: Callable[[LogLine], bool], note: Callable[[str], None]) -> None:
        self._target, self._is_wanted, self._note = target, is_wanted, note
        self._seen: deque[str] = deque(maxlen=OVERLAP_LINES)

    def past(self, last: int | None) -> Iterable[LogLine]:
        """The wanted lines so far, the `last` ones (None = all that the server has)."""
        with self._target.connect() as client, client.logs(self._target.database) as lines:
            return deque((line for line in self._new(lines) if self._is_wanted(line)), maxlen=last)

    def following(self) -> Iterator[LogLine]:
        """The wanted lines after those seen, without end: a broken connection is made again until it works."""
        wait = FIRST_WAIT_SECONDS
        is_lost = False
        while True:
            for line in self._one_connection():
                if is_lost:
                    self._note("connected again")
                is_lost, wait = False, FIRST_WAIT_SECONDS
                if line is not None and self._is_wanted(line):
                    yield line
            if not is_lost:
                self._note("the connection to the server is lost; trying again (Ctrl-C to leave)")
            is_lost = True
            time.sleep(wait)
            wait = min(wait * 2, WAIT_SECONDS_MAX)

    def _one_connection(self) -> Iterator[LogLine | None]:
        """New lines until the connection ends; None first, once it stands."""
        from stdbctl.cli.target import NoServerRuns
        from stdbctl.client.http import Refused, ServerNotReachable

        try:
            with (
                self._target.connect() as client,
                client.logs(self._target.database, num_lines=OVERLAP_LINES, follow=True) as lines,
            ):
                yield None
                yield from self._new(lines)
        except (ServerNotReachable, NoServerRuns):
            return
        except Refused as error:
            if error.status != UNAVAILABLE:
                raise

    def _new(self, lines: Iterable[str]) -> Iterator[LogLine]:
        """The lines that were not seen on an earlier connection."""
        repeated = Counter(self._seen)
        for raw in lines:
            if repeated[raw] > 0:
                repeated[raw] -= 1
            elif raw.strip():
                self._seen.append(raw)
                yield LogLine.parse(raw)

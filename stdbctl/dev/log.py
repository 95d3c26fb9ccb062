"""The module's log as it grows: each record once, over every loss of the connection."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from stdbctl.client.http import NoSuchDatabase
from stdbctl.dev.orders import Target
from stdbctl.errors import StdbctlError

OVERLAP_LINES = 2500
"""How far a new connection looks back for what was missed; more than this a server does not repeat when followed."""
FIRST_WAIT_S, WAIT_MAX_S = 0.1, 2.0


class LogFollower:
    """Tells each record that a database logs from `mark` on: `said(line)`, on a thread of its own."""

    def __init__(self, target: Target, said: Callable[[str], None]) -> None:
        self._target, self._said = target, said
        self._seen: deque[str] = deque(maxlen=OVERLAP_LINES)
        self._stop, self._is_started = threading.Event(), False

    def mark(self) -> None:
        """What was logged until now is not told; call it before the first deploy. Faults of the client."""
        try:
            with self._target.connect() as client, client.logs(self._target.database, num_lines=OVERLAP_LINES) as lines:
                self._seen.extend(lines)
        except NoSuchDatabase:
            return

    def start(self) -> None:
        """Begin to tell; the database must exist. Again is nothing."""
        if not self._is_started:
            self._is_started = True
            threading.Thread(target=self._follow, daemon=True).start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._stop.set()

    def _follow(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stop.is_set():
            for line in self._one_connection():
                wait_s = FIRST_WAIT_S
                if self._stop.is_set():
                    return
                if line:
                    self._said(line)
            self._stop.wait(wait_s)
            wait_s = min(wait_s * 2, WAIT_MAX_S)

    def _one_connection(self) -> Iterator[str]:
        """New records until the connection ends; an empty one first, once it stands."""
        try:
            with (
                self._target.connect() as client,
                client.logs(self._target.database, num_lines=OVERLAP_LINES, follow=True) as lines,
            ):
                yield ""
                yield from self._new(lines)
        except StdbctlError:  # the server is gone or is just coming back: the deploys tell about it
            return

    def _new(self, lines: Iterable[str]) -> Iterator[str]:
        repeated = Counter(self._seen)
        for line in lines:
            if repeated[line] > 0:
                repeated[line] -= 1
            elif line.strip():
                self._seen.append(line)
                yield line

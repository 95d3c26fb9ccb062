"""The call that took a server down, as the supervisor tells the next one.

In JSON: [database, program, function, table, key, how].

Imports next to nothing, for the supervisor's sake.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from stdbctl.server import limits
from stdbctl.server.guard import Running

IMPORT = "import"
"""The name under which the import of a module runs."""
_REASON = "`{name}` is not run until its module is changed or the server is stopped and started: it {how}"


class Culprit(NamedTuple):
    """What ran, and what it did.

    `database`: the identity's bytes. `program`: its hash. `row`: table id and primary key of the scheduled row whose
    run it was; table 0 = none. `how`: "crashed the server (SIGSEGV)", say.
    """

    database: bytes
    program: bytes
    function: str
    row: tuple[int, int]
    how: str

    @classmethod
    def of(cls, running: Running, how: str) -> "Culprit":
        """What ran when the server ended."""
        return cls(running.database, running.program, running.name, running.row, how)

    def to_json(self) -> list[object]:
        """Plain values for the message to the next server."""
        return [self.database.hex(), self.program.hex(), self.function, *self.row, self.how]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Culprit":  # Any: our own message, read back
        """Read what `to_json` wrote."""
        database, program, function, table_id, key, how = data
        return cls(bytes.fromhex(database), bytes.fromhex(program), function, (table_id, key), how)

    @property
    def place(self) -> tuple[bytes, bytes, str]:
        """What is not run again once it did this too often: a function of one program in one database."""
        return self.database, self.program, self.function


def reasons_of(blocked: Iterable[Culprit], place: bytes) -> dict[str, str]:
    """What one program in one database (64 bytes, see `place_of`) does not run, by function, and why; IMPORT: how."""
    return {
        one.function: one.how if one.function == IMPORT else _REASON.format(name=one.function, how=one.how)
        for one in blocked
        if one.database + one.program == place
    }


class Strikes:
    """Remembers who took the server down, and how often. What did so while it started would do so at every start."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Culprit]] = deque()
        self._blocked: dict[tuple[bytes, bytes, str], Culprit] = {}

    def add(self, culprit: Culprit, now: float, *, is_at_start: bool) -> None:
        """A function took the server down at `now` (monotonic seconds)."""
        self._recent.append((now, culprit))
        while now - self._recent[0][0] > limits.STRIKES_WINDOW_S:
            self._recent.popleft()
        strikes = sum(one.place == culprit.place for _, one in self._recent)
        if is_at_start or strikes >= limits.STRIKES:
            self._blocked[culprit.place] = culprit

    @property
    def blocked(self) -> tuple[Culprit, ...]:
        """Those that are run no more."""
        return tuple(self._blocked.values())

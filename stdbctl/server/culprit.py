"""The call that took a server down, as the supervisor tells the next one: [database hex, function, table, key, how].

Imports next to nothing, for the supervisor's sake.
"""

from typing import Any, NamedTuple

from stdbctl.server.guard import Running


class Culprit(NamedTuple):
    """What ran, and what it did.

    `database`: the identity's bytes. `row`: table id and primary key of the scheduled row whose run it was; table 0 =
    none. `how`: "crashed the server (SIGSEGV)", say.
    """

    database: bytes
    function: str
    row: tuple[int, int]
    how: str

    @classmethod
    def of(cls, running: Running, how: str) -> "Culprit":
        """What ran when the server ended."""
        return cls(running.database, running.name, running.row, how)

    def to_json(self) -> list[object]:
        """Plain values for the message to the next server."""
        return [self.database.hex(), self.function, *self.row, self.how]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Culprit":  # Any: our own message, read back
        """Read what `to_json` wrote."""
        database, function, table_id, key, how = data
        return cls(bytes.fromhex(database), function, (table_id, key), how)

"""How much history is kept, and how the rest goes: in small steps, between groups."""

import sqlite3
from dataclasses import dataclass

from stdbctl.store.checks import DEFINITIONS, add_sum, definition_sum
from stdbctl.store.definitions import drop_unneeded

STEP_GROUPS = 128
STEP_BYTES = 2 * 1024 * 1024
"""What one step deletes at most, so that a group that waits for it waits some milliseconds (docs/store.md)."""
_DAY_MICROS = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The newest `transactions`, as far as they are no older than `days`; the newest group stays whatever its age."""

    transactions: int
    days: float

    def is_due(self, offset: int, micros: int, *, end: int, now: int) -> bool:
        """Whether a transaction may go. `end`: the newest offset; `micros`, `now`: µs since 1970."""
        return offset <= end - self.transactions or micros < now - self.days * _DAY_MICROS


def delete_step(connection: sqlite3.Connection, retention: Retention, now: int) -> bool:
    """Delete the oldest groups whose every transaction may go, in a transaction of its own; whether more may.

    The newest group stays: recovery reads the end of history from it.
    """
    oldest = connection.execute(
        'SELECT "first", "last", timestamp, length(entries), (SELECT max("last") FROM history) FROM history'
        ' WHERE "first" < (SELECT max("first") FROM history) ORDER BY "first" LIMIT ?',
        (STEP_GROUPS,),
    ).fetchall()
    due, total_bytes = [], 0
    for first, last, micros, size, end in oldest:
        if total_bytes >= STEP_BYTES or not retention.is_due(last, micros, end=end, now=now):
            break
        due.append(first)
        total_bytes += size
    if due:
        _delete(connection, due[-1])
    return len(due) == STEP_GROUPS or total_bytes >= STEP_BYTES


def _delete(connection: sqlite3.Connection, first: int) -> None:
    """Groups up to the one that begins with `first`, and definitions that only they were made under."""
    with connection:  # which rolls back whatever fails
        connection.execute("BEGIN IMMEDIATE")
        connection.execute('DELETE FROM history WHERE "first" <= ?', (first,))
        gone = drop_unneeded(connection)
        if gone:
            add_sum(connection, DEFINITIONS, (-len(gone), -sum(map(definition_sum, gone))))

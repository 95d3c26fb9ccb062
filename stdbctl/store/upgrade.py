"""From older formats of a database's file to the present one, a step at a time and all in one transaction.

1 → 2   `meta.table_names` is always there; `meta.written_by` says which stdbctl wrote last; there are checksums
        (`checks`, and one beside each group of history), of what the file holds then.
"""

import sqlite3
from collections.abc import Callable

from stdbctl import __version__
from stdbctl.store import tables
from stdbctl.store.checks import begin_checks


def upgrade(connection: sqlite3.Connection, given: int) -> None:
    """Bring a file of the older format `given` to the present one. A crash in between leaves it as it was."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for number in range(given, tables.FORMAT):
            _STEPS[number](connection)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (tables.FORMAT,))


def sign(connection: sqlite3.Connection, written_by: object) -> None:
    """Note which stdbctl writes from now on, unless the file says so already: a full disk can be read from."""
    if written_by != __version__:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('written_by', ?)", (__version__,))


def _note_table_names(connection: sqlite3.Connection) -> None:
    tables.write_table_names(connection, tables.read_table_names(connection))


def _to_2(connection: sqlite3.Connection) -> None:
    _note_table_names(connection)
    begin_checks(connection)


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2}
"""By the format that a step starts from."""
OLDEST = min(_STEPS)

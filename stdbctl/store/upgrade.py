"""From older formats of a database's file to the present one, a step at a time and all in one transaction.

1 → 2   `meta.table_names` is always there; `meta.written_by` says which stdbctl wrote last; there are checksums
        (`checks`, and one beside each group of history), of what the file holds then.
2 → 3   `definitions`, empty: what was written before can be read while the program that wrote it is the running one.
"""

import sqlite3
from collections.abc import Callable

from stdbctl import __version__
from stdbctl.store import definitions, tables
from stdbctl.store.checks import begin_checks, has_checks


def upgrade(connection: sqlite3.Connection, given: int) -> None:
    """Bring a file of the older format `given` to the present one. A crash in between leaves it as it was."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for number in range(given, tables.FORMAT):
            _STEPS[number](connection)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'format'", (tables.FORMAT,))


def holds_more(connection: sqlite3.Connection, given: int) -> bool:
    """Whether a file of the format `given` holds what came with a later one: its format is not what it says."""
    return (given < 2 and has_checks(connection)) or (given < 3 and definitions.has_definitions(connection))


def sign(connection: sqlite3.Connection, written_by: object) -> None:
    """Note which stdbctl writes from now on, unless the file says so already: a full disk can be read from."""
    if written_by != __version__:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('written_by', ?)", (__version__,))


def _note_table_names(connection: sqlite3.Connection) -> None:
    tables.write_table_names(connection, tables.read_table_names(connection))


def _to_2(connection: sqlite3.Connection) -> None:
    _note_table_names(connection)
    begin_checks(connection)


def _to_3(connection: sqlite3.Connection) -> None:
    connection.execute(definitions.CREATE)


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _to_2, 2: _to_3}
"""By the format that a step starts from."""
OLDEST = min(_STEPS)

"""The definitions by which history is read: what tables and functions were when a transaction was made.

definitions  since, definition, table_names    the transactions from offset `since` on, up to the next row's, were made
             under this definition (BSATN of RawModuleDef, empty = not known) with these tables (a JSON object
             id -> name). The transaction `since` itself leads from the definition before to this one.

A deploy that changes none of it adds no row. What no transaction that is kept was made under goes with history.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stdbctl.records import SchemaChange

CREATE = "CREATE TABLE definitions (since INTEGER PRIMARY KEY, definition BLOB NOT NULL, table_names TEXT NOT NULL)"
Row = tuple[int, bytes, str]
"""As it is stored."""


class StoredDefinition(NamedTuple):
    """What the transactions from `since` on were made under, up to the next one's.

    `definition`: BSATN of RawModuleDef, empty where it is not known. `table_names`: the tables of that time, by id.
    In the transaction `since` itself, deleted rows are still of the definition before, inserted ones of this one.
    """

    since: int
    definition: bytes
    table_names: Mapping[int, str]

    def says_the_same(self, other: "StoredDefinition | None") -> bool:
        """Whether nothing but the offset differs."""
        return other is not None and self[1:] == other[1:]


def defined_by(change: SchemaChange, since: int) -> StoredDefinition:
    """What a deploy brings that is the transaction `since`."""
    return StoredDefinition(since, change.definition, {table.table_id: table.name for table in change.catalog})


def needed(definitions: Sequence[StoredDefinition], first: int) -> tuple[StoredDefinition, ...]:
    """Those of `definitions`, oldest first, that transactions from the offset `first` on were made under."""
    before = [index for index, each in enumerate(definitions) if each.since < first]
    return tuple(definitions[before[-1] if before else 0 :])


def read_definitions(connection: sqlite3.Connection, first: int, last: int) -> tuple[StoredDefinition, ...]:
    """What the transactions `first` to `last` were made under, and before the first of them; oldest first."""
    rows = connection.execute(
        "SELECT since, definition, table_names FROM definitions WHERE since <= ?2"
        " AND since >= coalesce((SELECT max(since) FROM definitions WHERE since < ?1), 0) ORDER BY since",
        (first, last),
    )
    return tuple(map(_definition, rows))


def newest_definition(connection: sqlite3.Connection) -> StoredDefinition | None:
    """What the running program says of itself; None in a file of a format that did not note it, until a deploy."""
    if not has_definitions(connection):
        return None
    row = connection.execute(
        "SELECT since, definition, table_names FROM definitions ORDER BY since DESC LIMIT 1"
    ).fetchone()
    return None if row is None else _definition(row)


def add_definition(connection: sqlite3.Connection, added: StoredDefinition) -> Row | None:
    """Store what a deploy brings; the new row, None where it brings nothing new."""
    if added.says_the_same(newest_definition(connection)):
        return None
    names = {str(table_id): added.table_names[table_id] for table_id in sorted(added.table_names)}
    row = (added.since, added.definition, json.dumps(names, separators=(",", ":")))
    connection.execute("INSERT INTO definitions VALUES (?, ?, ?)", row)
    return row


def drop_unneeded(connection: sqlite3.Connection) -> list[Row]:
    """Delete what no kept transaction was made under; the rows that went."""
    gone = connection.execute(
        "SELECT since, definition, table_names FROM definitions WHERE since <"
        ' (SELECT max(since) FROM definitions WHERE since < (SELECT min("first") FROM history))'
    ).fetchall()
    connection.executemany("DELETE FROM definitions WHERE since = ?", [(since,) for since, _, _ in gone])
    return gone


def has_definitions(connection: sqlite3.Connection) -> bool:
    """Whether a file notes them; since format 3 each does."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'definitions'").fetchone() is not None


def _definition(row: Row) -> StoredDefinition:
    since, definition, names = row
    return StoredDefinition(
        since, definition, {int(table_id): str(name) for table_id, name in json.loads(names).items()}
    )

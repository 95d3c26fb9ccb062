"""The tables of a database's SQLite file (format 3), and how they are read.

meta         key TEXT, value              format, identity, owner, clean (1 = closed in order), table_names (every table
                                          that there ever was, as a JSON object id -> name; missing in format 1),
                                          written_by (the stdbctl that wrote last; missing in format 1), probe (noise)
programs     id, hash, kind, data         every program that was ever deployed
running      program                      one row: the program that serves
catalog      table_id, name, index_ids    the tables of the running program; index_ids is a JSON object name -> id
sequences    table_id, column, next       next is decimal text: it may have 256 bits
connections  connection_id, identity      who is connected; both are BSATN bytes
history      first, last, timestamp, entries, check    the transactions `first` to `last` of one group, packed as
             stdbctl.store.history says; timestamp (µs since 1970) is the last one's; check is the CRC-32 of all that,
             NULL in what format 1 wrote
definitions  since, definition, table_names    see stdbctl.store.definitions; formats 1 and 2 had none
checks       part, count, sum             see stdbctl.store.checks; format 1 had none
rows_<id>    key, data                    the rows of table <id>; data is NULL where it equals the key
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping

from stdbctl.records import Program, ProgramKind, SequenceState, StoredTable
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store import definitions
from stdbctl.store.sqlite import quote_name

FORMAT = 3
"""Formats before it are brought to it when they are opened: stdbctl.store.upgrade."""
APPLICATION_ID = 0x5354_4442
"""`STDB`, in the file's header: what this file is."""

CREATE_CHECKS = (
    "CREATE TABLE checks (part TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID"
)
_CREATE = (
    CREATE_CHECKS,
    definitions.CREATE,
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE TABLE programs (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, data BLOB NOT NULL)",
    "CREATE TABLE running (program INTEGER NOT NULL)",
    "CREATE TABLE catalog (table_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, index_ids TEXT NOT NULL)",
    'CREATE TABLE sequences (table_id INTEGER, "column" INTEGER, next TEXT NOT NULL, PRIMARY KEY (table_id, "column"))'
    " WITHOUT ROWID",
    "CREATE TABLE connections (connection_id BLOB, identity BLOB, PRIMARY KEY (connection_id, identity)) WITHOUT ROWID",
    'CREATE TABLE history ("first" INTEGER PRIMARY KEY, "last" INTEGER NOT NULL, timestamp INTEGER NOT NULL,'
    ' entries BLOB NOT NULL, "check" INTEGER)',
)


def create_tables(connection: sqlite3.Connection, identity: Identity, owner: Identity) -> None:
    """Fill a new file."""
    for statement in _CREATE:
        connection.execute(statement)
    meta = {"format": FORMAT, "identity": identity.data, "owner": owner.data, "clean": 1, "table_names": "{}"}
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())


def rows_table(table_id: int) -> str:
    """The quoted name of the table that holds the rows of table `table_id`."""
    return quote_name(f"rows_{table_id:d}")


def read_meta(connection: sqlite3.Connection) -> dict[str, int | bytes]:
    """Everything in `meta`."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def read_program(connection: sqlite3.Connection) -> Program | None:
    """The program that serves, None before the first deploy."""
    found = connection.execute(
        "SELECT kind, data, hash FROM programs JOIN running ON programs.id = running.program"
    ).fetchone()
    return None if found is None else Program(ProgramKind(found[0]), found[1], found[2])


def read_catalog(connection: sqlite3.Connection) -> tuple[StoredTable, ...]:
    """The tables of the running program, by ascending id."""
    rows = connection.execute("SELECT table_id, name, index_ids FROM catalog ORDER BY table_id")
    return tuple(StoredTable(table_id, name, json.loads(index_ids)) for table_id, name, index_ids in rows)


def read_table_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Every table that there ever was, by id; those of a file that never noted them are the running program's."""
    found = connection.execute("SELECT value FROM meta WHERE key = 'table_names'").fetchone()
    names = {} if found is None else {int(table_id): str(name) for table_id, name in json.loads(found[0]).items()}
    return names | {table.table_id: table.name for table in read_catalog(connection)}


def write_table_names(connection: sqlite3.Connection, names: Mapping[int, str]) -> None:
    """Note every table that there ever was."""
    text = json.dumps({str(table_id): names[table_id] for table_id in sorted(names)}, separators=(",", ":"))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('table_names', ?)", (text,))


def read_sequences(connection: sqlite3.Connection) -> tuple[SequenceState, ...]:
    """The state of every sequence that ever moved."""
    rows = connection.execute('SELECT table_id, "column", next FROM sequences ORDER BY table_id, "column"')
    return tuple(SequenceState(table_id, column, int(next_value)) for table_id, column, next_value in rows)


def read_connections(connection: sqlite3.Connection) -> tuple[tuple[ConnectionId, Identity], ...]:
    """Who is connected, in a fixed order."""
    rows = connection.execute("SELECT connection_id, identity FROM connections ORDER BY connection_id, identity")
    return tuple((ConnectionId(connection_id), Identity(identity)) for connection_id, identity in rows)


def read_end(connection: sqlite3.Connection) -> tuple[int, int]:
    """Offset and timestamp of the last transaction; zeros before the first."""
    found = connection.execute('SELECT "last", timestamp FROM history ORDER BY "first" DESC LIMIT 1').fetchone()
    return (0, 0) if found is None else (found[0], found[1])


def read_history(connection: sqlite3.Connection, after: int) -> Iterator[tuple[int, int, int, bytes, int | None]]:
    """The groups that hold transactions with an offset greater than `after`, oldest first, all columns."""
    yield from connection.execute(
        'SELECT "first", "last", timestamp, entries, "check" FROM history WHERE "last" > ?1 AND "first" >='
        ' coalesce((SELECT max("first") FROM history WHERE "first" <= ?1), 0) ORDER BY "first"',
        (after,),
    )

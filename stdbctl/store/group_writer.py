"""What transactions change, as statements of the open SQLite transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

from stdbctl.records import Entry, Program, SchemaChange
from stdbctl.store import tables
from stdbctl.store.bulk import FEWEST_ROWS, Statement, deletes, puts
from stdbctl.store.changes import RowEffect, net_effect
from stdbctl.store.checks import CONNECTIONS, DEFINITIONS, END, SEQUENCES, Checks, connection_sum, definition_sum
from stdbctl.store.definitions import StoredDefinition, add_definition, defined_by
from stdbctl.store.history import history_blobs, history_sum


class GroupWriter:
    """Writes the groups of one open file, and the sums by which damage shows.

    It runs on whichever thread may use the connection; what SQLite raises leaves the transaction unusable.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._checks = Checks(connection)
        self._program_ids = self._read_program_ids()
        self._late: list[Statement] = []
        """Rows of the open transaction that are written last, on the thread that commits (see `bulk`)."""

    def load(self) -> None:
        """Forget what was not committed, and read what the next group builds on."""
        self._late.clear()
        self._program_ids = self._read_program_ids()
        self._checks.load()

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None) -> None:
        """Write transactions, the last of them with the change of schema, if any; rows of large groups wait."""
        self.write_late()
        if schema is not None:
            self._begin_schema(schema)
        self._write_history(entries)
        self._write_effect(entries, () if schema is None else schema.dropped)
        if schema is not None:
            self._write_definition(defined_by(schema, entries[-1].offset))
        if schema is not None:
            self.write_late()
            self._end_schema(schema)

    def write_late(self) -> None:
        """Write the rows that wait."""
        for sql, values in self._late:
            self._connection.execute(sql, values)
        self._late.clear()

    def forget_sequences(self) -> None:
        """Drop all sequences: the next transaction has all that there are."""
        self._connection.execute("DELETE FROM sequences")
        self._checks.load()
        self._checks.put(SEQUENCES, (0, 0))

    def _read_program_ids(self) -> dict[str, int]:
        return dict(self._connection.execute("SELECT hash, id FROM programs"))

    def _write_history(self, entries: Sequence[Entry]) -> None:
        self._connection.executemany(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?)",
            ((*group, history_sum(*group)) for group in history_blobs(entries, self._program_ids)),
        )
        if entries:
            self._checks.put(END, (entries[-1].offset, entries[-1].timestamp.micros))

    def _write_effect(self, entries: Sequence[Entry], dropped: Sequence[int]) -> None:
        effect = net_effect(entries)
        self._checks.add_rows(effect, dropped)
        self._checks.add_sequences(effect)
        for table_id, rows in effect.rows.items():
            if table_id not in dropped:
                self._write_rows(tables.rows_table(table_id), rows)
        if effect.sequences:
            self._connection.executemany(
                "INSERT OR REPLACE INTO sequences VALUES (?, ?, ?)",
                [(table_id, column, str(number)) for (table_id, column), number in effect.sequences.items()],
            )
        for key, is_connected in effect.connections.items():
            statement = "INSERT OR IGNORE INTO connections VALUES (?, ?)"
            if not is_connected:
                statement = "DELETE FROM connections WHERE connection_id = ? AND identity = ?"
            if self._connection.execute(statement, key).rowcount > 0:
                step = 1 if is_connected else -1
                self._checks.add(CONNECTIONS, (step, step * connection_sum(key)))

    def _write_rows(self, table: str, rows: RowEffect) -> None:
        put = [(key, data) for key, data in rows.items() if data is not None]
        late = puts(table, put) if len(put) >= FEWEST_ROWS else None
        if late is not None:
            self._late += late
        elif put:
            some = [(key, None if data == key else data) for key, data in put]
            self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", some)
        if len(put) < len(rows):
            gone = [key for key, data in rows.items() if data is None]
            if len(gone) >= FEWEST_ROWS:
                self._late += deletes(table, gone)
            else:
                self._connection.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in gone])

    def _begin_schema(self, change: SchemaChange) -> None:
        for table in change.created:
            self._connection.execute(
                f"CREATE TABLE {tables.rows_table(table.table_id)} (key BLOB PRIMARY KEY, data BLOB) WITHOUT ROWID"
            )
        program_id = self._keep_program(change.program)
        self._connection.execute("DELETE FROM running")
        self._connection.execute("INSERT INTO running VALUES (?)", (program_id,))
        names = tables.read_table_names(self._connection)
        tables.write_table_names(self._connection, names | {table.table_id: table.name for table in change.catalog})
        self._connection.execute("DELETE FROM catalog")
        self._connection.executemany(
            "INSERT INTO catalog VALUES (?, ?, ?)",
            [(table.table_id, table.name, _json_object(table.index_ids)) for table in change.catalog],
        )

    def _write_definition(self, brought: StoredDefinition) -> None:
        row = add_definition(self._connection, brought)
        if row is not None:
            self._checks.add(DEFINITIONS, (1, definition_sum(row)))

    def _keep_program(self, program: Program) -> int:
        """Store the program unless it is known, and return its number."""
        if program.hash not in self._program_ids:
            cursor = self._connection.execute(
                "INSERT INTO programs (hash, kind, data) VALUES (?, ?, ?)",
                (program.hash, program.kind.value, program.data),
            )
            assert cursor.lastrowid is not None
            self._program_ids[program.hash] = cursor.lastrowid
        return self._program_ids[program.hash]

    def _end_schema(self, change: SchemaChange) -> None:
        for table_id in change.dropped:
            self._connection.execute(f"DROP TABLE {tables.rows_table(table_id)}")
            self._connection.execute("DELETE FROM sequences WHERE table_id = ?", (table_id,))
            self._checks.forget(table_id)
        self._checks.put_schema()


def _json_object(index_ids: Mapping[str, int]) -> str:
    return json.dumps(dict(sorted(index_ids.items())), separators=(",", ":"))

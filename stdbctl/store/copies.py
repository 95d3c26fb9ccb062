"""Reading a database's file that is not being served: a snapshot, or a running database as of one moment."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from stdbctl.records import Program, SequenceState, Snapshot, StoredState, StoredTable
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store import tables
from stdbctl.store.checks import check_all
from stdbctl.store.definitions import newest_definition
from stdbctl.store.errors import StoreFault, damaged, store_faults
from stdbctl.store.sqlite import check_file, check_format

KeyedRow = tuple[bytes, bytes]
"""A row's key and its BSATN."""


class DatabaseCopy:
    """One committed state of a database, read-only: all that is read belongs to the same transaction.

    A context manager; the state is that of its entry. `is_frozen`: nobody writes to the file, as to a snapshot's.

    Raises:
        StoreFault: the file is missing, damaged or of a newer format.
    """

    def __init__(self, file: Path, *, is_frozen: bool) -> None:
        self.path, self._is_frozen = file, is_frozen

    def __enter__(self) -> Self:
        if self._is_frozen:
            # Not of a file in use: closing it would take the locks of its other connections away.
            check_file(self.path, tables.APPLICATION_ID)
        with store_faults(self.path, "opened"), contextlib.ExitStack() as undo:
            self._connection = connect_to_read(self.path, is_frozen=self._is_frozen)
            undo.callback(self._connection.close)
            self._connection.execute("BEGIN")
            meta = tables.read_meta(self._connection)
            undo.pop_all()
        version, identity = meta.get("format"), meta.get("identity")
        try:
            if not (isinstance(version, int) and isinstance(identity, bytes)):
                raise damaged(self.path, "its table `meta` is not complete")
            check_format(self.path, version, tables.FORMAT)
        except BaseException:
            self._connection.close()
            raise
        self.identity = Identity(identity)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._connection.close()

    @property
    def program(self) -> Program | None:
        """The program that serves it."""
        with store_faults(self.path, "read"):
            return tables.read_program(self._connection)

    @property
    def definition(self) -> bytes:
        """What that program says of itself, as BSATN of RawModuleDef; empty: the file does not say."""
        with store_faults(self.path, "read"):
            newest = newest_definition(self._connection)
            return b"" if newest is None else newest.definition

    @property
    def catalog(self) -> tuple[StoredTable, ...]:
        """Its tables."""
        with store_faults(self.path, "read"):
            return tables.read_catalog(self._connection)

    @property
    def sequences(self) -> tuple[SequenceState, ...]:
        """Its sequences, by its own table ids."""
        with store_faults(self.path, "read"):
            return tables.read_sequences(self._connection)

    @property
    def connections(self) -> tuple[tuple[ConnectionId, Identity], ...]:
        """Who was connected."""
        with store_faults(self.path, "read"):
            return tables.read_connections(self._connection)

    @property
    def last_offset(self) -> int:
        """Its newest transaction."""
        with store_faults(self.path, "read"):
            return tables.read_end(self._connection)[0]

    def snapshot(self) -> Snapshot:
        """All but the rows, as an engine takes it."""
        with store_faults(self.path, "read"):
            owner = tables.read_meta(self._connection)["owner"]
            assert isinstance(owner, bytes), "written with the file"
            last_offset, last_timestamp = tables.read_end(self._connection)
            return Snapshot(
                program=self.program,
                identity=self.identity,
                owner=Identity(owner),
                tables=self.catalog,
                sequences=self.sequences,
                connections=self.connections,
                last_offset=last_offset,
                last_timestamp_micros=last_timestamp,
                table_names=tables.read_table_names(self._connection),
            )

    def rows(self, table_id: int) -> Iterator[KeyedRow]:
        """The rows of a table, in the order of their keys."""
        query = f"SELECT key, coalesce(data, key) FROM {tables.rows_table(table_id)} ORDER BY key"
        with store_faults(self.path, "read"):
            yield from self._connection.execute(query)

    def check(self) -> None:
        """Read the whole file and all that is in it; StoreDamaged at the first contradiction."""
        check_all(self.path, self._connection)

    def expect(self, identity: Identity) -> None:
        """StoreFault unless this is a copy of the database with this identity."""
        if self.identity != identity:
            raise StoreFault(
                self.path,
                what=f"`{self.path}` is a snapshot of another database",
                why=f"it is of {self.identity}, and this one is {identity}",
                fix="move it to the folder of its own database",
            )

    def state(self) -> StoredState:
        """All rows at once, with all that a restore needs to know beside them."""
        names = {table.table_id: table.name for table in self.catalog}
        return StoredState(
            rows={name: tuple(self.rows(table_id)) for table_id, name in names.items()},
            sequences={(names[s.table_id], s.column): s.next_value for s in self.sequences if s.table_id in names},
            connections=self.connections,
        )


def connect_to_read(file: Path, *, is_frozen: bool) -> sqlite3.Connection:
    """A connection that writes nothing. Of a frozen file it leaves nothing beside it; any thread may use it."""
    options = "mode=ro&immutable=1" if is_frozen else "mode=ro"
    uri = f"{file.absolute().as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

"""Databases to write to: tables 4097 (keyed), 4098 (without a key) and 4099 (events), deployed as transaction 1."""

from stdbctl.records import (
    ConnectionChange,
    Entry,
    EntryKind,
    Program,
    ProgramKind,
    RowChanges,
    SchemaChange,
    SequenceState,
    StoredRow,
    StoredTable,
    TableChange,
)
from stdbctl.sats import ConnectionId, Identity, Timestamp
from stdbctl.store import MemoryStore, SqliteStore

DATABASE, OWNER, CALLER = Identity.from_int(1), Identity.from_int(2), Identity.from_int(3)
PROGRAM = Program(ProgramKind.PYTHON, b"zip bytes", "ab" * 32)
TABLES = (
    StoredTable(4097, "point", {"point_id_idx_btree": 1, 'odd "name"': 2}),
    StoredTable(4098, "note", {}),
    StoredTable(4099, "shout", {}),
)
SCHEMA = SchemaChange(PROGRAM, TABLES, (), TABLES)
Store = SqliteStore | MemoryStore


def row(key: bytes, data: bytes | None = None) -> StoredRow:
    """A row; without `data` it is one of a table without a key."""
    return StoredRow((), key if data is None else data, key)


def changed(table_id: int, deleted: tuple[StoredRow, ...] = (), inserted: tuple[StoredRow, ...] = ()) -> TableChange:
    return TableChange(table_id, deleted, inserted, table_id == 4099)


def entry(
    offset: int,
    *changes: TableChange,
    sequences: tuple[SequenceState, ...] = (),
    connections: tuple[ConnectionChange, ...] = (),
    kind: EntryKind = EntryKind.REDUCER,
    program: Program = PROGRAM,
    connection_id: ConnectionId | None = None,
) -> Entry:
    rows: RowChanges = changes
    return Entry(
        offset=offset,
        kind=kind,
        timestamp=Timestamp(1_000 + offset),
        caller=CALLER,
        connection_id=connection_id,
        function="add_point",
        args=b"args",
        seed=2**64 - offset,
        program_hash=program.hash,
        changes=rows,
        sequences=sequences,
        connections=connections,
    )

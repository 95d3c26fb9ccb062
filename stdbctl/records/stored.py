"""What a store gives when a database is opened, and what a deploy changes in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stdbctl.records.calls import Program
from stdbctl.records.changes import SequenceState
from stdbctl.sats import ConnectionId, Identity


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table as the store knows it: id, canonical name, index ids by canonical index name."""

    table_id: int
    name: str
    index_ids: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a store holds when a database is opened (None program = a new, empty one).

    `connections`: the clients that were connected when the last server ended. `table_names`: every table that there
    ever was, by id; history speaks of ids alone, and none is given twice.
    """

    program: Program | None
    identity: Identity
    owner: Identity
    tables: tuple[StoredTable, ...]
    sequences: tuple[SequenceState, ...]
    connections: tuple[tuple[ConnectionId, Identity], ...]
    last_offset: int
    last_timestamp_micros: int
    table_names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredState:
    """A database's state at one transaction, as a restore brings it back.

    `rows`: by table name, (key, BSATN) in key order. `sequences`: (table name, column) -> the next number, of those
    that ever moved. `connections`: who was connected.
    """

    rows: Mapping[str, tuple[tuple[bytes, bytes], ...]]
    sequences: Mapping[tuple[str, int], int]
    connections: tuple[tuple[ConnectionId, Identity], ...]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What a deploy changes in the store, in the same SQLite transaction as its migration `Entry`."""

    program: Program
    created: tuple[StoredTable, ...] = ()
    dropped: tuple[int, ...] = ()
    catalog: tuple[StoredTable, ...] = ()
    """All tables after the change."""
    definition: bytes = b""
    """What the program says of itself, as BSATN of RawModuleDef, by which history is read; empty: not known."""

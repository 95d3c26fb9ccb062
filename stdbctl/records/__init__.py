"""What engine, store and hosts hand each other: programs, calls, row changes, history entries, table access."""

from stdbctl.records.access import Bound, Catalog, Row, TableAccess, TableIds
from stdbctl.records.calls import (
    DONE,
    SYSTEM_TARGET,
    Call,
    LogLevel,
    LogRecord,
    Outcome,
    OutcomeKind,
    Program,
    ProgramKind,
)
from stdbctl.records.changes import (
    ConnectionChange,
    Entry,
    EntryKind,
    RowChanges,
    SequenceState,
    StoredRow,
    TableChange,
)
from stdbctl.records.codec import ChangedRows, ChangesError, decode_changes, encode_changes, put_changes
from stdbctl.records.seeds import NO_SEED, Seed, SeedFunction
from stdbctl.records.stored import SchemaChange, Snapshot, StoredState, StoredTable
from stdbctl.records.violations import InvalidValue, NotIndexed, NumbersExhausted, RowNotFound, UniqueViolation

__all__ = [
    "DONE",
    "NO_SEED",
    "SYSTEM_TARGET",
    "Bound",
    "Call",
    "Catalog",
    "ChangedRows",
    "ChangesError",
    "ConnectionChange",
    "Entry",
    "EntryKind",
    "InvalidValue",
    "LogLevel",
    "LogRecord",
    "NotIndexed",
    "NumbersExhausted",
    "Outcome",
    "OutcomeKind",
    "Program",
    "ProgramKind",
    "Row",
    "RowChanges",
    "RowNotFound",
    "SchemaChange",
    "Seed",
    "SeedFunction",
    "SequenceState",
    "Snapshot",
    "StoredRow",
    "StoredState",
    "StoredTable",
    "TableAccess",
    "TableChange",
    "TableIds",
    "UniqueViolation",
    "decode_changes",
    "encode_changes",
    "put_changes",
]

"""What authors of modules import, and what loads and runs their modules.

Authors: tables, columns, reducers, contexts and errors. The toolchain: `load_package`, `pack`, `PythonHost`.
"""

from stdbctl.errors import ReducerError
from stdbctl.module.archive import PROGRAM_BYTES_MAX, collect, pack, pack_files
from stdbctl.module.columns import (
    AutoInc,
    Index,
    Option,
    PrimaryKey,
    Result,
    Unique,
    Variant,
    column,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    i256,
    index,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
    union,
)
from stdbctl.module.context import ReducerContext
from stdbctl.module.declare import (
    TableOf,
    client_connected,
    client_disconnected,
    init,
    reducer,
    table,
    table_of,
)
from stdbctl.module.host import PythonHost
from stdbctl.module.load import Loaded, load_package, load_program
from stdbctl.module.problems import ModuleProblem
from stdbctl.module.ranges import above, at_least, at_most, below, between
from stdbctl.module.rows import Database, Table
from stdbctl.module.state_change import state_changes
from stdbctl.records import InvalidValue, NotIndexed, RowNotFound, UniqueViolation
from stdbctl.sats import ConnectionId, Err, Identity, Ok, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

__all__ = [
    "PROGRAM_BYTES_MAX",
    "AutoInc",
    "ConnectionId",
    "Database",
    "Err",
    "Identity",
    "Index",
    "InvalidValue",
    "Loaded",
    "ModuleProblem",
    "NotIndexed",
    "Ok",
    "Option",
    "PrimaryKey",
    "PythonHost",
    "ReducerContext",
    "ReducerError",
    "Result",
    "RowNotFound",
    "ScheduleAt",
    "Some",
    "Table",
    "TableOf",
    "TimeDuration",
    "Timestamp",
    "Unique",
    "UniqueViolation",
    "Uuid",
    "Variant",
    "above",
    "at_least",
    "at_most",
    "below",
    "between",
    "client_connected",
    "client_disconnected",
    "collect",
    "column",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "i256",
    "index",
    "init",
    "load_package",
    "load_program",
    "pack",
    "pack_files",
    "reducer",
    "state_changes",
    "table",
    "table_of",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "u256",
    "union",
]

"""What the engine needs of others: the `Store` that keeps, and the `Host` that runs programs.

`stdbctl.store` and `stdbctl.module.PythonHost` satisfy these by shape; the server hands them in.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from stdbctl.errors import Problem
from stdbctl.records import (
    Call,
    Catalog,
    Entry,
    LogRecord,
    Outcome,
    Program,
    Row,
    SchemaChange,
    Seed,
    Snapshot,
    StoredTable,
    TableAccess,
)
from stdbctl.schema import RawModuleDef

__all__ = [
    "Host",
    "Instance",
    "Log",
    "Prepared",
    "SchemaChange",
    "Snapshot",
    "Store",
    "StoredTable",
]

Log = Callable[[LogRecord], None]


class Instance(Protocol):
    """A running program. It can be lost and replaced while the database goes on."""

    def call_reducer(self, tx: TableAccess, function_id: int, call: Call, args: bytes, values: Row) -> Outcome:
        """Run reducer `function_id` (its position in the definition).

        `args`: BSATN product of the parameters, known to be well formed; `values`: the same, decoded, for programs that
        take no bytes. Never raises for what the program does. Commit and rollback are the caller's business. Outcomes
        FAILED and STOPPED are in the log, with their frames, when this returns; REFUSED is logged by the engine.
        """
        ...

    def migrate(
        self, tx: TableAccess, migration_id: int, call: Call, rows: Iterable[Row], put: Callable[[Row | None], bool]
    ) -> Outcome:
        """Give old rows to migration function `migration_id`, its position in the definition, and its rows to `put`.

        Ends when `put` says no, or behind the last row. Never raises for what the program does; then the outcome's text
        says what went wrong at the last row taken, with the program's frames. The same `call` goes on where it paused.
        """
        ...

    def interrupt(self) -> None:
        """End the running call soon with outcome STOPPED; may be called from any thread or a signal handler."""
        ...

    def close(self) -> None:
        """Let go of everything; the instance is not used again."""
        ...


class Prepared(Protocol):
    """A compiled program beside the running one."""

    @property
    def program(self) -> Program: ...

    @property
    def seed(self) -> Seed:
        """What a database begins with."""
        ...

    def describe(self) -> RawModuleDef:
        """What the program declares."""
        ...

    def new_instance(self, catalog: Catalog, log: Log) -> Instance:
        """Make an instance bound to the ids of this database; cheap."""
        ...


class Host(Protocol):
    """One kind of program."""

    def prepare(self, program: Program) -> "Prepared | Sequence[Problem]":
        """Compile beside the running program; all problems when it cannot be."""
        ...


class Store(Protocol):
    """The durable side of one database. All methods run on the engine's thread except `commit`.

    Protocol of a group: `write` any number of entries (row statements), then `commit` once, on another thread;
    when it returns, everything written before it is on disk. Nothing may be written between the two.
    """

    def load(self) -> Snapshot:
        """Read what a restart needs, rows excepted."""
        ...

    def rows(self, table_id: int) -> Iterable[bytes]:
        """The BSATN of every stored row of one table, in key order."""
        ...

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        """Put entries (history, rows, sequences, connections) into the open SQLite transaction. Faults: StoreFault."""
        ...

    def commit(self) -> None:
        """Commit and fsync the open transaction. May run on a second thread."""
        ...

    def rollback(self) -> None:
        """Give up the open transaction after a fault."""
        ...

    def close(self) -> None:
        """Release the files."""
        ...

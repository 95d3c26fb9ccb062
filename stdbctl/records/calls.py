"""What goes into a host and what comes out: programs, calls and their outcomes."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from stdbctl.sats import ConnectionId, Identity, Timestamp


class ProgramKind(enum.Enum):
    """The kind of a stored program: `host_type` of publish. Wasm and Js are to come."""

    PYTHON = "Python"


@dataclass(frozen=True, slots=True)
class Program:
    """A stored program: bytes + kind + Keccak-256 of the bytes (hex digest)."""

    kind: ProgramKind
    data: bytes
    hash: str


class Call(NamedTuple):
    """The circumstances of one call: all that a function may learn besides its arguments and the tables.

    `connection_id` is None when there is no connection. `seed` feeds `ctx.random`.
    """

    sender: Identity
    connection_id: ConnectionId | None
    timestamp: Timestamp
    database: Identity
    seed: int


class OutcomeKind(enum.Enum):
    """How a call ended."""

    DONE = "done"
    REFUSED = "refused"
    """The author raised ReducerError (or a table rule was left uncaught): `text` reaches the caller."""
    FAILED = "failed"
    """Any other exception: `text` is a short sentence for the caller; the log has the traceback."""
    STOPPED = "stopped"
    """A limit (time, memory) ended it: `text` says which."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one call."""

    kind: OutcomeKind
    text: str = ""


DONE = Outcome(OutcomeKind.DONE)


class LogLevel(enum.Enum):
    """Levels of the module's log, as SpacetimeDB spells them; ordered by `rank`."""

    TRACE = "Trace"
    DEBUG = "Debug"
    INFO = "Info"
    WARN = "Warn"
    ERROR = "Error"
    PANIC = "Panic"

    @property
    def rank(self) -> int:
        return list(LogLevel).index(self)


SYSTEM_TARGET = "__spacetimedb__"
"""target, filename and function of records that the server itself writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One line of the module's log. `ts` is microseconds since 1970; `trace` holds (module, function) frames."""

    level: LogLevel
    ts: int
    message: str
    target: str | None = None
    filename: str | None = None
    line_number: int | None = None
    function: str | None = None
    trace: tuple[tuple[str | None, str | None], ...] = ()

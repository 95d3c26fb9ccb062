"""What the engine gives back: outcomes of transactions, updates for subscribers, results of queries.

The parts of an update are named tuples, because they are made for every call.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from stdbctl.records import Outcome, Row
from stdbctl.sats import AlgebraicType, Timestamp
from stdbctl.schema import MigrationPlan

Client = Hashable
"""One connection, as the caller knows it: the engine only groups by it."""


class PlanDelta(NamedTuple):
    """What one transaction changed in the result of one query: BSATN rows, in the order of the transaction.

    For an event table `inserted` are the events, and `deleted` is empty.
    """

    table: str
    is_event: bool
    inserted: tuple[bytes, ...]
    deleted: tuple[bytes, ...]


QuerySetDeltas = tuple[tuple[int, tuple[PlanDelta, ...]], ...]
"""(query set id, its deltas), ascending ids, only what changed; the deltas of one table stand together."""


class UpdateGroup(NamedTuple):
    """One update and all clients that get the very same one, so that it is encoded once."""

    sets: QuerySetDeltas
    clients: tuple[Client, ...]


class Committed(NamedTuple):
    """The end of a call.

    `offset`: the transaction that must be durable before the reply may leave: its own, or for a call that did not
    commit, the newest one it may have read. `own`: what changed for the calling client; `groups`: for all others.
    """

    outcome: Outcome
    timestamp: Timestamp
    offset: int
    own: QuerySetDeltas = ()
    groups: tuple[UpdateGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class QuerySetRows:
    """The rows of a query set when it is applied or dropped: (table, BSATN rows) per plan; empty tables are left out.

    Of a one-off query: its one table, empty or not.

    `offset`: the transaction that must be durable before the rows may leave.
    """

    tables: tuple[tuple[str, tuple[bytes, ...]], ...]
    offset: int


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The result of a SELECT. `columns`: (name, type). `data`: the rows as BSATN products of the columns.

    `table`: canonical name of the table read.
    """

    table: str
    columns: tuple[tuple[str, AlgebraicType], ...]
    rows: tuple[Row, ...]
    data: tuple[bytes, ...]
    offset: int


class Progress(NamedTuple):
    """How far one table's rows are. `dropped`: rows for which the function gave none."""

    table: str
    function: str
    done: int
    total: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publish did.

    `is_new`: the database had no program before. `is_changed`: False when this very program was running already.
    `plan`: what was migrated; None for a new or unchanged database. `drop`: clients that the server must
    disconnect (`Database.disconnect`, and close the socket): the new schema is not what they know. `offset` must be
    durable before the reply leaves. `rewritten`: what migration functions did, by table.
    """

    is_new: bool
    is_changed: bool
    plan: MigrationPlan | None
    drop: tuple[Client, ...]
    offset: int
    rewritten: tuple[Progress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a migration function makes of the first rows of a table: (before, after) in words, None = dropped."""

    table: str
    function: str
    row_count: int
    rows: tuple[tuple[str, str | None], ...]

    def json(self) -> dict[str, object]:
        """The same as a JSON object (docs/cli.md, SAMPLE)."""
        return {
            "table": self.table,
            "function": self.function,
            "row_count": self.row_count,
            "rows": [{"before": before, "after": after} for before, after in self.rows],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did. `committed`: its transactions, the restore itself first, whose groups must be told.

    `drop`: clients that the server must disconnect, because `client_connected` refused them.
    """

    committed: tuple[Committed, ...]
    drop: tuple[Client, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What a failed commit took with it: transactions `first` to `last` never happened.

    Every message held for one of them must be failed, never sent. `clients` must be dropped (`Database.disconnect`, and
    close the socket): their connection, subscriptions or disconnect belonged to what was lost. Clients that were sent
    unconfirmed updates of these transactions must be dropped as well; the engine does not know them.
    """

    first: int
    last: int
    clients: tuple[Client, ...]
    error: BaseException

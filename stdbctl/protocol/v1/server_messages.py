"""The messages of a server in WebSocket v1. Rows are BSATN bytes in one encoding, JSON texts in the other."""

from typing import NamedTuple

from stdbctl.sats import ConnectionId, Identity, TimeDuration, Timestamp

Rows = tuple[bytes, ...] | tuple[str, ...]
"""Rows: each the BSATN of its product, or in JSON the text of an object or array."""


class QueryUpdate(NamedTuple):
    """What changed in a query's result."""

    deletes: Rows
    inserts: Rows


class TableUpdate(NamedTuple):
    """What changed in one table. `num_rows`: deletes and inserts together."""

    table_id: int
    table_name: str
    num_rows: int
    updates: tuple[QueryUpdate, ...]


DatabaseUpdate = tuple[TableUpdate, ...]


class InitialSubscription(NamedTuple):
    """The answer to a legacy Subscribe: all rows as inserts."""

    update: DatabaseUpdate
    request_id: int
    duration: TimeDuration


class Committed(NamedTuple):
    """The transaction's changes, as far as the client subscribed to them."""

    update: DatabaseUpdate


class Failed(NamedTuple):
    """The call failed."""

    text: str


class OutOfEnergy(NamedTuple):
    """The budget ended first."""


class ReducerCallInfo(NamedTuple):
    """Which call made the transaction; `args` as the caller sent them."""

    reducer_name: str
    reducer_id: int
    args: bytes | str
    request_id: int


class TransactionUpdate(NamedTuple):
    """A transaction, told to its caller and to subscribers."""

    status: Committed | Failed | OutOfEnergy
    timestamp: Timestamp
    caller_identity: Identity
    caller_connection_id: ConnectionId
    reducer_call: ReducerCallInfo
    energy_quanta_used: int
    duration: TimeDuration


class TransactionUpdateLight(NamedTuple):
    """A transaction, told to subscribers without its circumstances."""

    request_id: int
    update: DatabaseUpdate


class IdentityToken(NamedTuple):
    """The first message: who the client is."""

    identity: Identity
    token: str
    connection_id: ConnectionId


class OneOffQueryResponse(NamedTuple):
    """The answer to OneOffQuery: (table, rows), or the error's text."""

    message_id: bytes
    error: str | None
    tables: tuple[tuple[str, Rows], ...]
    duration: TimeDuration


class SubscribeApplied(NamedTuple):
    """The answer to SubscribeSingle: all rows as inserts."""

    request_id: int
    duration_micros: int
    query_id: int
    table: TableUpdate


class UnsubscribeApplied(NamedTuple):
    """The answer to Unsubscribe: the rows that nothing else of this client holds, as deletes."""

    request_id: int
    duration_micros: int
    query_id: int
    table: TableUpdate


class SubscriptionError(NamedTuple):
    """A query was refused or failed; without request and query id all subscriptions are gone."""

    duration_micros: int
    request_id: int | None
    query_id: int | None
    table_id: int | None
    error: str


class SubscribeMultiApplied(NamedTuple):
    """The answer to SubscribeMulti."""

    request_id: int
    duration_micros: int
    query_id: int
    update: DatabaseUpdate


class UnsubscribeMultiApplied(NamedTuple):
    """The answer to UnsubscribeMulti."""

    request_id: int
    duration_micros: int
    query_id: int
    update: DatabaseUpdate


class Returned(NamedTuple):
    """What a procedure returned: BSATN, or in JSON its text."""

    value: bytes | str


class InternalError(NamedTuple):
    """The procedure failed, or does not exist."""

    text: str


class ProcedureResult(NamedTuple):
    """The answer to CallProcedure."""

    status: Returned | OutOfEnergy | InternalError
    timestamp: Timestamp
    duration: TimeDuration
    request_id: int


ServerMessage = (
    InitialSubscription
    | TransactionUpdate
    | TransactionUpdateLight
    | IdentityToken
    | OneOffQueryResponse
    | SubscribeApplied
    | UnsubscribeApplied
    | SubscriptionError
    | SubscribeMultiApplied
    | UnsubscribeMultiApplied
    | ProcedureResult
)

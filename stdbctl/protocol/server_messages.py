"""The messages of a server in WebSocket v2 and v3, as a client reads them."""

from typing import Any, NamedTuple  # Any: engine values of SERVER_MESSAGE's parts

from stdbctl.protocol.row_lists import RowList
from stdbctl.protocol.schema_v2 import SERVER_MESSAGE
from stdbctl.sats import ConnectionId, DecodeError, Identity, TimeDuration, Timestamp, compile_codec


class TableRows(NamedTuple):
    """Rows of one table."""

    table: str
    rows: RowList


class PersistentRows(NamedTuple):
    """Rows that came into a query's result, and rows that left it."""

    inserts: RowList
    deletes: RowList


class EventRows(NamedTuple):
    """Rows of an event table: seen once, never kept."""

    events: RowList


class TableUpdate(NamedTuple):
    """What changed in one table; one entry per query."""

    table: str
    rows: tuple[PersistentRows | EventRows, ...]


class QuerySetUpdate(NamedTuple):
    """What changed in one query set."""

    query_set_id: int
    tables: tuple[TableUpdate, ...]


class InitialConnection(NamedTuple):
    """The first message: who the client is."""

    identity: Identity
    connection_id: ConnectionId
    token: str


class SubscribeApplied(NamedTuple):
    """A query set is active; its rows."""

    request_id: int
    query_set_id: int
    tables: tuple[TableRows, ...]


class UnsubscribeApplied(NamedTuple):
    """A query set is gone; its rows, or None when they were not asked for."""

    request_id: int
    query_set_id: int
    tables: tuple[TableRows, ...] | None


class SubscriptionError(NamedTuple):
    """A query set was refused, or (request_id None) an active one failed and is gone."""

    request_id: int | None
    query_set_id: int
    error: str


class TransactionUpdate(NamedTuple):
    """What changed by somebody's transaction."""

    query_sets: tuple[QuerySetUpdate, ...]


class OneOffQueryResult(NamedTuple):
    """The rows of a one-off query, or the error's text."""

    request_id: int
    result: tuple[TableRows, ...] | str


class ReducerOk(NamedTuple):
    """Committed, with the changes of the caller's own query sets."""

    ret_value: bytes
    query_sets: tuple[QuerySetUpdate, ...]


class ReducerErr(NamedTuple):
    """The module refused: BSATN of the error value, in practice of a string."""

    error: bytes


class InternalError(NamedTuple):
    """The call failed, or never ran."""

    text: str


class ReducerResult(NamedTuple):
    """The answer to CallReducer."""

    request_id: int
    timestamp: Timestamp
    outcome: ReducerOk | ReducerErr | InternalError


class ProcedureResult(NamedTuple):
    """The answer to CallProcedure: BSATN of the return value, or an error."""

    request_id: int
    timestamp: Timestamp
    duration: TimeDuration
    outcome: bytes | InternalError


ServerMessage = (
    InitialConnection
    | SubscribeApplied
    | UnsubscribeApplied
    | SubscriptionError
    | TransactionUpdate
    | OneOffQueryResult
    | ReducerResult
    | ProcedureResult
)

_decode = compile_codec(SERVER_MESSAGE).decode


def decode_server_messages(body: bytes, batched: bool) -> list[ServerMessage]:
    """Read the messages in the body of one frame (see `frame_body`): all when `batched` (v3), else the first.

    Raises:
        DecodeError: something in it is no message, or it is empty.
    """
    messages = []
    offset = 0
    while True:
        if offset < len(body) and body[offset] >= len(_READERS):
            raise DecodeError(f"unknown tag {body[offset]:#x} for sum type ServerMessage")
        (tag, fields), offset = _decode(body, offset)
        messages.append(_READERS[tag](*fields))
        if not batched or offset >= len(body):
            return messages


def _row_list(value: Any) -> RowList:
    (tag, hint), data = value
    return RowList(data, hint, ()) if tag == 0 else RowList(data, None, hint)


def _tables(value: Any) -> tuple[TableRows, ...]:
    return tuple([TableRows(table, _row_list(rows)) for table, rows in value[0]])


def _query_sets(value: Any) -> tuple[QuerySetUpdate, ...]:
    return tuple([QuerySetUpdate(id_, tuple([_table_update(t) for t in tables])) for (id_,), tables in value])


def _table_update(value: Any) -> TableUpdate:
    table, entries = value
    return TableUpdate(table, tuple([_update_rows(tag, lists) for tag, lists in entries]))


def _update_rows(tag: int, lists: Any) -> PersistentRows | EventRows:
    if tag == 0:
        return PersistentRows(_row_list(lists[0]), _row_list(lists[1]))
    return EventRows(_row_list(lists[0]))


def _subscribe_applied(request_id: int, query_set: Any, rows: Any) -> SubscribeApplied:
    return SubscribeApplied(request_id, query_set[0], _tables(rows))


def _unsubscribe_applied(request_id: int, query_set: Any, rows: Any) -> UnsubscribeApplied:
    return UnsubscribeApplied(request_id, query_set[0], None if rows is None else _tables(rows))


def _subscription_error(request_id: int | None, query_set: Any, error: str) -> SubscriptionError:
    return SubscriptionError(request_id, query_set[0], error)


def _transaction_update(query_sets: Any) -> TransactionUpdate:
    return TransactionUpdate(_query_sets(query_sets))


def _one_off(request_id: int, result: Any) -> OneOffQueryResult:
    tag, value = result
    return OneOffQueryResult(request_id, _tables(value) if tag == 0 else value)


def _reducer_result(request_id: int, timestamp: Timestamp, result: Any) -> ReducerResult:
    tag, value = result
    match tag:
        case 0:
            return ReducerResult(request_id, timestamp, ReducerOk(value[0], _query_sets(value[1][0])))
        case 1:
            return ReducerResult(request_id, timestamp, ReducerOk(b"", ()))
        case 2:
            return ReducerResult(request_id, timestamp, ReducerErr(value))
    return ReducerResult(request_id, timestamp, InternalError(value))


def _procedure_result(status: Any, timestamp: Timestamp, duration: TimeDuration, request_id: int) -> ProcedureResult:
    tag, value = status
    return ProcedureResult(request_id, timestamp, duration, value if tag == 0 else InternalError(value))


_READERS: tuple[Any, ...] = (  # Any: each takes the fields of its message
    InitialConnection,
    _subscribe_applied,
    _unsubscribe_applied,
    _subscription_error,
    _transaction_update,
    _one_off,
    _reducer_result,
    _procedure_result,
)

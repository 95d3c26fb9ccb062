"""The messages of a server in WebSocket v2 and v3, as a client reads them."""

from struct import Struct, unpack_from
from struct import error as StructError  # noqa: N812  # it is a class
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

_codec = compile_codec(SERVER_MESSAGE)


def decode_server_messages(body: bytes, batched: bool) -> list[ServerMessage]:
    """Read the messages in the body of one frame (see `frame_body`): all when `batched` (v3), else the first.

    Raises:
        DecodeError: something in it is no message, or it is empty.
    """
    messages: list[ServerMessage] = []
    offset, size = 0, len(body)
    while True:
        message, offset = _frequent(body, offset, size) or _message(body, offset)
        messages.append(message)
        if not batched or offset >= size:
            return messages


def _message(body: bytes, offset: int) -> tuple[ServerMessage, int]:
    if offset < len(body) and body[offset] >= len(_READERS):
        raise DecodeError(f"unknown tag {body[offset]:#x} for sum type ServerMessage")
    (tag, fields), end = _codec.decode(body, offset)
    return _READERS[tag](*fields), end


# -- the fast path: the two frequent messages, read without a detour over engine values ----------------------------

_u32 = Struct("<I").unpack_from
_two_u32 = Struct("<II").unpack_from
_fixed_size = Struct("<HI").unpack_from
_result_head = Struct("<IqB").unpack_from
_NO_ROWS = RowList(b"", None, ())


def _frequent(body: bytes, offset: int, size: int) -> tuple[ServerMessage, int] | None:
    """An update or the result of a reducer that went well; None for anything else, broken ones included."""
    message: ServerMessage
    try:
        tag = body[offset]
        if tag == 4:
            sets, end = _read_query_sets(body, offset + 1)
            message = TransactionUpdate(sets)
        elif tag == 6:
            request_id, micros, outcome = _result_head(body, offset + 1)
            if outcome:
                return None
            (length,) = _u32(body, offset + 14)
            start = offset + 18
            sets, end = _read_query_sets(body, start + length)
            message = ReducerResult(request_id, Timestamp(micros), ReducerOk(body[start : start + length], sets))
        else:
            return None
    except (StructError, IndexError, UnicodeDecodeError):
        return None
    return None if end > size else (message, end)


def _read_query_sets(body: bytes, at: int) -> tuple[tuple[QuerySetUpdate, ...], int]:
    (count,) = _u32(body, at)
    at += 4
    if not count:
        return (), at
    sets = []
    for _ in range(count):
        set_id, tables_len = _two_u32(body, at)
        at += 8
        tables = []
        for _ in range(tables_len):
            table, at = _read_table(body, at)
            tables.append(table)
        sets.append(QuerySetUpdate(set_id, tuple(tables)))
    return tuple(sets), at


def _read_table(body: bytes, at: int) -> tuple[TableUpdate, int]:
    (length,) = _u32(body, at)
    start, at = at + 4, at + 4 + length
    (count,) = _u32(body, at)
    name = body[start:at].decode()
    at += 4
    entries: list[PersistentRows | EventRows] = []
    for _ in range(count):
        tag = body[at]
        rows, at = _read_rows(body, at + 1)
        if tag == 0:
            deletes, at = _read_rows(body, at)
            entries.append(PersistentRows(rows, deletes))
        elif tag == 1:
            entries.append(EventRows(rows))
        else:
            raise IndexError(tag)
    return TableUpdate(name, tuple(entries)), at


def _read_rows(body: bytes, at: int) -> tuple[RowList, int]:
    tag = body[at]
    if tag == 0:
        row_size, length = _fixed_size(body, at + 1)
        start, at = at + 7, at + 7 + length
        return RowList(body[start:at], row_size, ()), at
    if tag != 1:
        raise IndexError(tag)
    count, length = _two_u32(body, at + 1)
    if not count:  # the second number is the length of the data
        start, at = at + 9, at + 9 + length
        return (RowList(body[start:at], None, ()) if length else _NO_ROWS), at
    offsets = unpack_from(f"<{count}Q", body, at + 5)
    at += 5 + 8 * count
    (length,) = _u32(body, at)
    start, at = at + 4, at + 4 + length
    return RowList(body[start:at], None, offsets), at


# -- the way of all others ------------------------------------------------------------------------------------------


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

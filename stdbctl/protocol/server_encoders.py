"""The answers and updates of WebSocket v2 and v3, from rows that are BSATN already: built once, sent to many.

Each message is u8 tag, then its fields in the order of the arguments' names in docs/protocol.md. Nothing here adds
the compression byte that starts a frame (stdbctl.protocol.frames).
"""

from collections.abc import Iterable, Sequence
from struct import Struct

from stdbctl.protocol.row_lists import EMPTY_ROW_LIST, row_list
from stdbctl.sats import ConnectionId, Identity, TimeDuration, Timestamp

TableDelta = tuple[str, bool, Sequence[bytes], Sequence[bytes]]
"""(table, is event table, inserted rows, deleted rows): the change of one query's result."""

QuerySetDelta = tuple[int, Sequence[TableDelta]]
"""(query set id, its changes); the changes of one table stand together."""

_u32 = Struct("<I").pack
_tag_id = Struct("<BI").pack
_tag_two_ids = Struct("<BII").pack
_result_head = Struct("<BIqB").pack
_result_ok = Struct("<BIqBI").pack
_answered = Struct("<IqB").unpack_from
_procedure_tail = Struct("<qqI").pack
NO_UPDATE = bytes(4)
"""The body of a transaction update that changes nothing."""


def text_bytes(text: str) -> bytes:
    """A string on the wire: u32 length + UTF-8."""
    data = text.encode()
    return _u32(len(data)) + data


def initial_connection(identity: Identity, connection_id: ConnectionId, token: str) -> bytes:
    """The first message of a connection."""
    return b"\0" + identity.data + connection_id.data + text_bytes(token)


def query_rows(tables: Iterable[tuple[str, Sequence[bytes]]]) -> bytes:
    """QueryRows: (table name, its rows) for each query plan."""
    parts = [part for table, rows in tables for part in (text_bytes(table), row_list(rows))]
    return b"".join((_u32(len(parts) // 2), *parts))


def subscribe_applied(request_id: int, query_set_id: int, rows: bytes) -> bytes:
    """`rows`: QueryRows, see `query_rows`."""
    return _tag_two_ids(1, request_id, query_set_id) + rows


def unsubscribe_applied(request_id: int, query_set_id: int, rows: bytes | None) -> bytes:
    """`rows`: QueryRows when they were asked for."""
    return _tag_two_ids(2, request_id, query_set_id) + (b"\1" if rows is None else b"\0" + rows)


def subscription_error(request_id: int | None, query_set_id: int, error: str) -> bytes:
    """`request_id` None: a set that was active is gone; the npm client then disconnects."""
    asked = b"\3\1" if request_id is None else b"\3\0" + _u32(request_id)
    return asked + _u32(query_set_id) + text_bytes(error)


def update_body(sets: Sequence[QuerySetDelta]) -> bytes:
    """TransactionUpdate without its tag, as it stands in a reducer result."""
    parts = [_u32(len(sets))]
    for query_set_id, deltas in sets:
        tables = _table_updates(deltas)
        parts.append(_u32(query_set_id))
        parts.append(_u32(len(tables)))
        parts += tables
    return b"".join(parts)


def _table_updates(deltas: Sequence[TableDelta]) -> list[bytes]:
    """One TableUpdate per table; several deltas of a table become several entries in it."""
    if len(deltas) == 1:
        return [text_bytes(deltas[0][0]) + b"\1\0\0\0" + _update_rows(deltas[0])]
    entries: dict[str, list[bytes]] = {}
    for delta in deltas:
        entries.setdefault(delta[0], []).append(_update_rows(delta))
    return [b"".join((text_bytes(table), _u32(len(rows)), *rows)) for table, rows in entries.items()]


def _update_rows(delta: TableDelta) -> bytes:
    _, is_event, inserted, deleted = delta
    if is_event:
        return b"\1" + row_list(inserted)
    return b"\0" + row_list(inserted) + (row_list(deleted) if deleted else EMPTY_ROW_LIST)


def transaction_update(sets: Sequence[QuerySetDelta]) -> bytes:
    """What everybody but the caller hears of a transaction."""
    return b"\4" + update_body(sets)


def one_off_result(request_id: int, rows: bytes) -> bytes:
    """`rows`: QueryRows of exactly one table."""
    return _tag_id(5, request_id) + b"\0" + rows


def one_off_error(request_id: int, error: str) -> bytes:
    """The query was refused."""
    return _tag_id(5, request_id) + b"\1" + text_bytes(error)


def reducer_ok(request_id: int, timestamp: Timestamp, update: bytes = NO_UPDATE) -> bytes:
    """Committed. `update`: `update_body` of the caller's own query sets."""
    return _result_ok(6, request_id, timestamp.micros, 0, RETURN_VALUE_BYTES) + update


RETURN_VALUE_BYTES = 0
"""Reducers return nothing, and the Rust client insists on it."""


def reducer_error(request_id: int, timestamp: Timestamp, text: str) -> bytes:
    """The module refused: `text` goes as the BSATN of a string."""
    data = text_bytes(text)
    return _result_head(6, request_id, timestamp.micros, 2) + _u32(len(data)) + data


def reducer_internal_error(request_id: int, timestamp: Timestamp, text: str) -> bytes:
    """The call failed, or never ran."""
    return _result_head(6, request_id, timestamp.micros, 3) + text_bytes(text)


def taken_back(message: bytes, text: str) -> bytes | None:
    """What to send instead of a message that tells of a transaction which is undone: the call failed, says `text`.

    Empty when nothing need be sent: an update that others caused. None for rows and connections, which stand for
    themselves: who was to get those must start again.
    """
    tag = message[0]
    if tag == 6:
        request_id, micros, outcome = _answered(message, 1)
        return reducer_internal_error(request_id, Timestamp(micros), text) if outcome < 2 else message
    if tag == 4:
        return b""
    return message if tag in (3, 7) else None


def procedure_returned(request_id: int, timestamp: Timestamp, duration: TimeDuration, value: bytes) -> bytes:
    """`value`: BSATN of the declared return type."""
    head = b"\7\0" + _u32(len(value)) + value
    return head + _procedure_tail(timestamp.micros, duration.micros, request_id)


def procedure_error(request_id: int, timestamp: Timestamp, duration: TimeDuration, text: str) -> bytes:
    """The procedure failed, or does not exist."""
    return b"\7\1" + text_bytes(text) + _procedure_tail(timestamp.micros, duration.micros, request_id)

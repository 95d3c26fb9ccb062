"""The requests of a client in WebSocket v1: field by field as the classes here, tags in the order of `_CLASSES`."""

from typing import Any, NamedTuple  # Any: engine values of the message types

from stdbctl.protocol.v1.schema import BSATN_TYPES, JSON_TYPES
from stdbctl.sats import DecodeError, JsonStyle, Typespace, compile_codec, dumps, from_json, loads, to_json

NO_SUCCESS_NOTIFY = 1
"""Flag of CallReducer: the caller wants to hear of success only through its subscriptions. 0 = always."""


class CallReducer(NamedTuple):
    """Run a reducer. `args`: BSATN product, or in JSON the text of a JSON array."""

    reducer: str
    args: bytes | str
    request_id: int
    flags: int = 0


class Subscribe(NamedTuple):
    """Replace the connection's legacy query set."""

    query_strings: tuple[str, ...]
    request_id: int


class OneOffQuery(NamedTuple):
    """Ask once; the id is any bytes."""

    message_id: bytes
    query_string: str


class SubscribeSingle(NamedTuple):
    """Add one query under an id that the client picks."""

    query: str
    request_id: int
    query_id: int


class SubscribeMulti(NamedTuple):
    """Add several queries under one id."""

    query_strings: tuple[str, ...]
    request_id: int
    query_id: int


class Unsubscribe(NamedTuple):
    """Drop what SubscribeSingle added."""

    request_id: int
    query_id: int


class UnsubscribeMulti(NamedTuple):
    """Drop what SubscribeMulti added."""

    request_id: int
    query_id: int


class CallProcedure(NamedTuple):
    """Run a procedure. `args` as in CallReducer."""

    procedure: str
    args: bytes | str
    request_id: int
    flags: int = 0


ClientMessage = (
    CallReducer
    | Subscribe
    | OneOffQuery
    | SubscribeSingle
    | SubscribeMulti
    | Unsubscribe
    | UnsubscribeMulti
    | CallProcedure
)

_CLASSES: tuple[type[ClientMessage], ...] = (
    CallReducer,
    Subscribe,
    OneOffQuery,
    SubscribeSingle,
    SubscribeMulti,
    Unsubscribe,
    UnsubscribeMulti,
    CallProcedure,
)
_FLAGS_MAX = {CallReducer: 1, CallProcedure: 0}
_codec = compile_codec(BSATN_TYPES.client)
_NO_TYPES = Typespace()


def decode_client_message(data: bytes | str) -> ClientMessage:
    """Read a request: BSATN from a binary frame, JSON from a text frame, whichever sub-protocol was agreed on.

    Raises:
        DecodeError, JsonError: it is no message. Bytes after a BSATN message are ignored, as in SpacetimeDB.
    """
    if isinstance(data, str):
        return _message(from_json(JSON_TYPES.client, _NO_TYPES, loads(data)))
    if data and data[0] >= len(_CLASSES):
        raise DecodeError(f"unknown tag {data[0]:#x} for sum type ClientMessage")
    return _message(_codec.decode(data)[0])


def encode_client_message(message: ClientMessage) -> bytes:
    """The BSATN of a request whose `args` are bytes. Raises EncodeError."""
    return _codec.encode(_value(message))


def client_message_text(message: ClientMessage) -> str:
    """The JSON text of a request whose `args` are text."""
    return dumps(to_json(JSON_TYPES.client, _NO_TYPES, _value(message), JsonStyle.DECLARED))


def _message(value: Any) -> ClientMessage:
    tag, fields = value
    class_ = _CLASSES[tag]
    if class_._fields[-1] == "query_id":
        fields = (*fields[:-1], fields[-1][0])
    message: ClientMessage = class_(*fields)
    if isinstance(message, CallReducer | CallProcedure) and message.flags > _FLAGS_MAX[type(message)]:
        kind = "reducer" if isinstance(message, CallReducer) else "procedure"
        raise DecodeError(f"invalid call {kind} flag {message.flags}")
    return message


def _value(message: ClientMessage) -> Any:
    fields: tuple[Any, ...] = tuple(message)
    if message._fields[-1] == "query_id":
        fields = (*fields[:-1], (fields[-1],))
    return _CLASSES.index(type(message)), fields

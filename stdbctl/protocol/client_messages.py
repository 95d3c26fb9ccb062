"""The requests of a client in WebSocket v2 and v3: u8 tag, then the fields in the order of the classes.

tag 0 Subscribe · 1 Unsubscribe (flags: u8 0 default, 1 send dropped rows) · 2 OneOffQuery · 3 CallReducer and
4 CallProcedure (flags u8, 0 only, between request id and name). Numbers are u32, texts and args u32 length + bytes.
Named tuples, because one is made for every call.
"""

from struct import Struct
from struct import error as StructError  # noqa: N812  # it is a class
from typing import NamedTuple

from stdbctl.protocol.schema_v2 import CLIENT_MESSAGE
from stdbctl.sats import DecodeError, compile_codec

EMPTY_FRAME_TEXT = "v3 websocket binary payload must contain at least one v2 client message"


class Subscribe(NamedTuple):
    """Register a query set under an id that the client picks."""

    request_id: int
    query_set_id: int
    query_strings: tuple[str, ...]


class Unsubscribe(NamedTuple):
    """Drop a query set; with `send_dropped_rows` the answer holds its rows."""

    request_id: int
    query_set_id: int
    send_dropped_rows: bool


class OneOffQuery(NamedTuple):
    """Ask once."""

    request_id: int
    query_string: str


class CallReducer(NamedTuple):
    """Run a reducer. `args`: BSATN product of the parameters."""

    request_id: int
    reducer: str
    args: bytes


class CallProcedure(NamedTuple):
    """Run a procedure. `args`: BSATN product of the parameters."""

    request_id: int
    procedure: str
    args: bytes


ClientMessage = Subscribe | Unsubscribe | OneOffQuery | CallReducer | CallProcedure


class MessageError(DecodeError):
    """A frame holds something that is no message. `messages`: those that stood before it, in order."""

    def __init__(self, what: str, messages: tuple[ClientMessage, ...] = ()) -> None:
        self.messages = messages
        super().__init__(what)


_head_of_call = Struct("<BIBI").unpack_from
_u32 = Struct("<I").unpack_from
_call_head = Struct("<BIBI").pack
_length = Struct("<I").pack
_codec = compile_codec(CLIENT_MESSAGE)
_VARIANTS = len(CLIENT_MESSAGE.variants)


def decode_client_messages(body: bytes, batched: bool) -> list[ClientMessage]:
    """Read the requests in one frame: all of it when `batched` (v3), else the first (v2 ignores what follows).

    Raises:
        MessageError: something in the frame is no message, or a v3 frame is empty.
    """
    messages: list[ClientMessage] = []
    offset, size = 0, len(body)
    if batched and not size:
        raise MessageError(EMPTY_FRAME_TEXT)
    try:
        while True:
            message, offset = _call_reducer(body, offset, size) or _message(body, offset)
            messages.append(message)
            if offset >= size or not batched:
                return messages
    except DecodeError as error:
        raise MessageError(error.what, tuple(messages)) from None


def _call_reducer(body: bytes, offset: int, size: int) -> tuple[CallReducer, int] | None:
    """The fast path of the one frequent message; None for anything else, broken ones included."""
    try:
        tag, request_id, flags, length = _head_of_call(body, offset)
        if tag != 3 or flags:
            return None
        name_end = offset + 10 + length
        args_start = name_end + 4
        end = args_start + _u32(body, name_end)[0]
        if end > size:
            return None
        fields = request_id, body[offset + 10 : name_end].decode(), body[args_start:end]
        return tuple.__new__(CallReducer, fields), end  # in C, half as dear as its own `__new__`
    except (StructError, UnicodeDecodeError):
        return None


def _message(body: bytes, offset: int) -> tuple[ClientMessage, int]:
    if offset < len(body) and body[offset] >= _VARIANTS:
        raise DecodeError(f"unknown tag {body[offset]:#x} for sum type ClientMessage")
    (tag, fields), end = _codec.decode(body, offset)
    match tag:
        case 0:
            request_id, (query_set_id,), queries = fields
            return Subscribe(request_id, query_set_id, queries), end
        case 1:
            request_id, (query_set_id,), (flags, _) = fields
            return Unsubscribe(request_id, query_set_id, flags == 1), end
        case 2:
            return OneOffQuery(*fields), end
    request_id, flags, name, args = fields
    if flags:
        raise DecodeError(f"invalid call {'reducer' if tag == 3 else 'procedure'} flag {flags}")
    return (CallReducer if tag == 3 else CallProcedure)(request_id, name, args), end


def encode_client_message(message: ClientMessage) -> bytes:
    """The bytes of one request.

    Raises:
        EncodeError: an id beyond u32, or text that is not valid Unicode.
    """
    if isinstance(message, CallReducer):
        return _encode_call(message)
    match message:
        case Subscribe(request_id, query_set_id, queries):
            return _codec.encode((0, (request_id, (query_set_id,), queries)))
        case Unsubscribe(request_id, query_set_id, send_dropped_rows):
            return _codec.encode((1, (request_id, (query_set_id,), (int(send_dropped_rows), ()))))
        case OneOffQuery(request_id, query):
            return _codec.encode((2, (request_id, query)))
        case CallProcedure(request_id, name, args):
            return _codec.encode((4, (request_id, 0, name, args)))


def _encode_call(message: CallReducer) -> bytes:
    """The fast path of the one frequent message; what does not fit is left to the codec, which finds the words."""
    request_id, name, args = message
    try:
        text = name.encode()
        return b"".join((_call_head(3, request_id, 0, len(text)), text, _length(len(args)), args))
    except (StructError, UnicodeEncodeError):
        return _codec.encode((3, (request_id, 0, name, args)))

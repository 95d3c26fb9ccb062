"""WebSocket v1 in both encodings."""

import gzip
from dataclasses import dataclass
from typing import Any  # Any: JSON data

import pytest

from stdbctl.protocol import v1
from stdbctl.sats import ConnectionId, DecodeError, Identity, JsonError, TimeDuration, Timestamp, dumps, loads

REQUESTS: list[tuple[v1.ClientMessage, str]] = [
    (v1.CallReducer("add", b"a", 5, 1), "00" + "03000000616464" + "0100000061" + "05000000" + "01"),
    (v1.Subscribe(("q",), 1), "01" + "01000000" + "0100000071" + "01000000"),
    (v1.OneOffQuery(b"\7", "q"), "02" + "0100000007" + "0100000071"),
    (v1.SubscribeSingle("q", 1, 2), "03" + "0100000071" + "01000000" + "02000000"),
    (v1.SubscribeMulti(("q",), 1, 2), "04" + "01000000" + "0100000071" + "01000000" + "02000000"),
    (v1.Unsubscribe(1, 2), "05" + "01000000" + "02000000"),
    (v1.UnsubscribeMulti(1, 2), "06" + "01000000" + "02000000"),
    (v1.CallProcedure("p", b"", 6), "07" + "0100000070" + "00000000" + "06000000" + "00"),
]


@pytest.mark.parametrize(("message", "hex_"), REQUESTS)
def test_request_has_these_bytes(message: v1.ClientMessage, hex_: str) -> None:
    data = bytes.fromhex(hex_)
    assert v1.encode_client_message(message) == data
    assert v1.decode_client_message(data) == message
    assert type(v1.decode_client_message(data)) is type(message)
    assert v1.decode_client_message(data + b"ignored") == message
    for size in range(len(data)):
        with pytest.raises(DecodeError):
            v1.decode_client_message(data[:size])


@pytest.mark.parametrize(
    ("message", "data"),
    [
        (
            v1.CallReducer("add", '["Ann", 3]', 5),
            {"CallReducer": {"reducer": "add", "args": '["Ann", 3]', "request_id": 5, "flags": 0}},
        ),
        (v1.OneOffQuery(b"\x0a", "q"), {"OneOffQuery": {"message_id": "0a", "query_string": "q"}}),
        (
            v1.SubscribeMulti(("q",), 1, 2),
            {"SubscribeMulti": {"query_strings": ["q"], "request_id": 1, "query_id": {"id": 2}}},
        ),
        (v1.Unsubscribe(1, 2), {"Unsubscribe": {"request_id": 1, "query_id": {"id": 2}}}),
    ],
)
def test_request_has_this_json(message: v1.ClientMessage, data: Any) -> None:
    assert loads(v1.client_message_text(message)) == data
    assert v1.decode_client_message(dumps(data)) == message


def test_lenient_json_requests_are_read() -> None:
    assert v1.decode_client_message('{"1":[["q"],7]}') == v1.Subscribe(("q",), 7)
    assert v1.decode_client_message('[5,{"query_id":[2],"request_id":1}]') == v1.Unsubscribe(1, 2)


def test_what_is_no_request_is_refused() -> None:
    with pytest.raises(DecodeError, match="unknown tag 0x8 for sum type ClientMessage"):
        v1.decode_client_message(b"\x08")
    with pytest.raises(DecodeError, match="invalid call reducer flag 2"):
        v1.decode_client_message(v1.encode_client_message(v1.CallReducer("a", b"", 1, 2)))
    with pytest.raises(DecodeError, match="invalid call procedure flag 1"):
        v1.decode_client_message(v1.encode_client_message(v1.CallProcedure("a", b"", 1, 1)))
    with pytest.raises(JsonError, match="unknown variant `Nope`"):
        v1.decode_client_message('{"Nope":[]}')


@dataclass(frozen=True)
class Material:
    """Rows and arguments in one of the encodings."""

    rows: v1.Rows
    args: bytes | str


BYTES = Material((b"ab", b"cd"), b"args")
TEXTS = Material(('{"a":1}', "[2]"), "[1]")
NO_ROWS: v1.Rows = ()


def _messages(made: Material) -> list[v1.ServerMessage]:
    table = v1.TableUpdate(4097, "t", 2, (v1.QueryUpdate(made.rows, NO_ROWS), v1.QueryUpdate(NO_ROWS, made.rows)))
    identity, connection, now, took = Identity.from_int(1), ConnectionId.from_int(2), Timestamp(3), TimeDuration(4)
    call = v1.ReducerCallInfo("add", 9, made.args, 5)
    statuses: list[v1.Committed | v1.Failed | v1.OutOfEnergy] = [
        v1.Committed((table,)),
        v1.Failed("no"),
        v1.OutOfEnergy(),
    ]
    ends: list[v1.Returned | v1.OutOfEnergy | v1.InternalError] = [
        v1.Returned(made.args),
        v1.OutOfEnergy(),
        v1.InternalError("no"),
    ]
    return [
        v1.InitialSubscription((table,), 1, took),
        *[v1.TransactionUpdate(status, now, identity, connection, call, 7, took) for status in statuses],
        v1.TransactionUpdateLight(1, (table, table)),
        v1.IdentityToken(identity, "tk", connection),
        v1.OneOffQueryResponse(b"\1", None, (("t", made.rows),), took),
        v1.OneOffQueryResponse(b"", "no", (), took),
        v1.SubscribeApplied(1, 2, 3, table),
        v1.UnsubscribeApplied(1, 2, 3, table),
        v1.SubscriptionError(1, 2, None, 3, "no"),
        v1.SubscribeMultiApplied(1, 2, 3, (table,)),
        v1.UnsubscribeMultiApplied(1, 2, 3, ()),
        *[v1.ProcedureResult(end, now, took, 1) for end in ends],
    ]


@pytest.mark.parametrize("message", _messages(BYTES))
def test_answer_travels_as_bytes(message: v1.ServerMessage) -> None:
    data = v1.encode_server_message(message)
    assert v1.decode_server_message(data) == message
    assert type(v1.decode_server_message(data)) is type(message)
    for size in range(len(data)):
        with pytest.raises(DecodeError):
            v1.decode_server_message(data[:size])


@pytest.mark.parametrize("message", _messages(TEXTS))
def test_answer_travels_as_json(message: v1.ServerMessage) -> None:
    text = v1.server_message_text(message)
    assert v1.decode_server_message(text) == message
    assert type(v1.decode_server_message(text)) is type(message)


def test_json_answer_looks_like_this() -> None:
    table = v1.TableUpdate(4097, "t", 1, (v1.QueryUpdate(("[1]",), ()),))
    data = loads(v1.server_message_text(v1.SubscribeApplied(1, 2, 3, table)))
    update = {"deletes": ["[1]"], "inserts": []}
    rows = {"table_id": 4097, "table_name": "t", "num_rows": 1, "updates": [update]}
    assert data == {
        "SubscribeApplied": {
            "request_id": 1,
            "total_host_execution_duration_micros": 2,
            "query_id": {"id": 3},
            "rows": {"table_id": 4097, "table_name": "t", "table_rows": rows},
        }
    }
    token = v1.IdentityToken(Identity.from_int(255), "tk", ConnectionId.from_int(7))
    assert loads(v1.server_message_text(token)) == {
        "IdentityToken": {
            "identity": {"__identity__": "0xff"},
            "token": "tk",
            "connection_id": {"__connection_id__": 7},
        }
    }
    failed = v1.SubscriptionError(2, None, 3, None, "no")
    assert loads(v1.server_message_text(failed))["SubscriptionError"]["request_id"] == {"none": []}


def test_compressed_updates_are_unpacked() -> None:
    update = v1.QueryUpdate((b"x" * 100,), ())
    table = v1.TableUpdate(1, "t", 1, (update,))
    plain = v1.encode_server_message(v1.TransactionUpdateLight(0, (table,)))
    lists = plain[plain.index(b"\0\0\x64\0") + 1 :]
    zipped = gzip.compress(lists)
    head = plain[: -len(lists) - 1]
    message = v1.decode_server_message(head + b"\2" + len(zipped).to_bytes(4, "little") + zipped)
    assert message == v1.TransactionUpdateLight(0, (table,))
    with pytest.raises(DecodeError, match="brotli"):
        v1.decode_server_message(head + b"\1" + bytes(4))


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(DecodeError, match="unknown tag 0xb for sum type ServerMessage"):
        v1.decode_server_message(b"\x0b")
    with pytest.raises(JsonError):
        v1.decode_server_message("{}")

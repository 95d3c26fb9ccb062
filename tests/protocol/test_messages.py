"""WebSocket v2 and v3: known bytes, the fast paths against the generic codec, and what is refused."""

from collections.abc import Callable
from typing import Any  # Any: engine values of message types

import pytest

from stdbctl.protocol import (
    CLIENT_MESSAGE,
    SERVER_MESSAGE,
    CallProcedure,
    CallReducer,
    ClientMessage,
    EventRows,
    InitialConnection,
    InternalError,
    MessageError,
    OneOffQuery,
    OneOffQueryResult,
    PersistentRows,
    ProcedureResult,
    QuerySetDelta,
    QuerySetUpdate,
    ReducerErr,
    ReducerOk,
    ReducerResult,
    RowList,
    ServerMessage,
    Subscribe,
    SubscribeApplied,
    SubscriptionError,
    TableDelta,
    TableRows,
    TableUpdate,
    TransactionUpdate,
    Unsubscribe,
    UnsubscribeApplied,
    decode_client_messages,
    decode_server_messages,
    encode_client_message,
    initial_connection,
    one_off_error,
    one_off_result,
    procedure_error,
    procedure_returned,
    query_rows,
    reducer_error,
    reducer_internal_error,
    reducer_ok,
    row_list,
    subscribe_applied,
    subscription_error,
    transaction_update,
    unsubscribe_applied,
    update_body,
)
from stdbctl.sats import ConnectionId, DecodeError, EncodeError, Identity, TimeDuration, Timestamp, compile_codec

CLIENT_VECTORS: list[tuple[ClientMessage, str]] = [
    (
        Subscribe(1, 2, ("SELECT * FROM t",)),
        "000100000002000000010000000f00000053454c454354202a2046524f4d2074",
    ),
    (Unsubscribe(3, 2, True), "01030000000200000001"),
    (Unsubscribe(3, 2, False), "01030000000200000000"),
    (OneOffQuery(4, "q"), "02040000000100000071"),
    (CallReducer(5, "add", bytes.fromhex("0100000061")), "03050000000003000000616464050000000100000061"),
    (CallProcedure(6, "p", b""), "040600000000010000007000000000"),
]

IDENTITY = Identity.from_hex("c2" + "00" * 30 + "01")
CONNECTION = ConnectionId.from_hex("00112233445566778899aabbccddeeff")
ONE, TWO = b"\1\0\0\0", b"\2\0\0\0"
FIXED = RowList(ONE + TWO, 4, ())
NONE = RowList(b"", None, ())

SERVER_VECTORS: list[tuple[bytes, ServerMessage, str]] = [
    (
        initial_connection(IDENTITY, CONNECTION, "tk"),
        InitialConnection(IDENTITY, CONNECTION, "tk"),
        "00" + "01" + "00" * 30 + "c2" + "ffeeddccbbaa99887766554433221100" + "02000000746b",
    ),
    (
        subscribe_applied(1, 2, query_rows([("t", [ONE, TWO])])),
        SubscribeApplied(1, 2, (TableRows("t", FIXED),)),
        "010100000002000000010000000100000074000400080000000100000002000000",
    ),
    (
        subscribe_applied(1, 2, query_rows([("t", [b"\1\0\0\0a", b"\2\0\0\0bb"])])),
        SubscribeApplied(1, 2, (TableRows("t", RowList(b"\1\0\0\0a\2\0\0\0bb", None, (0, 5))),)),
        "0101000000020000000100000001000000740102000000000000000000000005000000000000000b0000000100000061020000006262",
    ),
    (subscribe_applied(1, 2, query_rows([])), SubscribeApplied(1, 2, ()), "01010000000200000000000000"),
    (unsubscribe_applied(3, 2, query_rows([])), UnsubscribeApplied(3, 2, ()), "0203000000020000000000000000"),
    (unsubscribe_applied(3, 2, None), UnsubscribeApplied(3, 2, None), "02030000000200000001"),
    (subscription_error(1, 2, "e"), SubscriptionError(1, 2, "e"), "030001000000020000000100000065"),
    (subscription_error(None, 2, "e"), SubscriptionError(None, 2, "e"), "0301020000000100000065"),
    (
        transaction_update([(2, [("t", False, [ONE, TWO], [])])]),
        TransactionUpdate((QuerySetUpdate(2, (TableUpdate("t", (PersistentRows(FIXED, NONE),)),)),)),
        "0401000000020000000100000001000000740100000000000400080000000100000002000000010000000000000000",
    ),
    (
        transaction_update([(2, [("ev", True, [ONE, TWO], [])])]),
        TransactionUpdate((QuerySetUpdate(2, (TableUpdate("ev", (EventRows(FIXED),)),)),)),
        "040100000002000000010000000200000065760100000001000400080000000100000002000000",
    ),
    (one_off_result(4, query_rows([])), OneOffQueryResult(4, ()), "05040000000000000000"),
    (one_off_error(4, "no"), OneOffQueryResult(4, "no"), "0504000000" + "01" + "020000006e6f"),
    (
        reducer_ok(5, Timestamp(1)),
        ReducerResult(5, Timestamp(1), ReducerOk(b"", ())),
        "06050000000100000000000000000000000000000000",
    ),
    (
        reducer_error(5, Timestamp(1), "bad"),
        ReducerResult(5, Timestamp(1), ReducerErr(b"\3\0\0\0bad")),
        "06050000000100000000000000020700000003000000626164",
    ),
    (
        reducer_internal_error(5, Timestamp(1), "boom"),
        ReducerResult(5, Timestamp(1), InternalError("boom")),
        "060500000001000000000000000304000000626f6f6d",
    ),
    (
        procedure_returned(6, Timestamp(1), TimeDuration(2), b"\7"),
        ProcedureResult(6, Timestamp(1), TimeDuration(2), b"\7"),
        "070001000000070100000000000000020000000000000006000000",
    ),
    (
        procedure_error(6, Timestamp(1), TimeDuration(2), "x"),
        ProcedureResult(6, Timestamp(1), TimeDuration(2), InternalError("x")),
        "070101000000780100000000000000020000000000000006000000",
    ),
]


@pytest.mark.parametrize(("message", "hex_"), CLIENT_VECTORS)
def test_request_has_these_bytes(message: ClientMessage, hex_: str) -> None:
    data = bytes.fromhex(hex_)
    assert encode_client_message(message) == data
    for batched in (False, True):
        decoded = decode_client_messages(data, batched)
        assert decoded == [message]
        assert type(decoded[0]) is type(message)
    compile_codec(CLIENT_MESSAGE).decode_all(data)


@pytest.mark.parametrize(("data", "message", "hex_"), SERVER_VECTORS)
def test_answer_has_these_bytes(data: bytes, message: ServerMessage, hex_: str) -> None:
    assert data == bytes.fromhex(hex_)
    for batched in (False, True):
        assert decode_server_messages(data, batched) == [message]
    compile_codec(SERVER_MESSAGE).decode_all(data)


def test_reducer_result_may_come_without_an_update() -> None:
    (result,) = decode_server_messages(bytes.fromhex("0605000000010000000000000001"), True)
    assert result == ReducerResult(5, Timestamp(1), ReducerOk(b"", ()))


def test_callers_own_changes_stand_in_the_reducer_result() -> None:
    sets: list[QuerySetDelta] = [(2, [("t", False, [ONE], [TWO])]), (3, [("t", False, [], [TWO])])]
    (result,) = decode_server_messages(reducer_ok(5, Timestamp(1), update_body(sets)), True)
    (update,) = decode_server_messages(transaction_update(sets), True)
    assert isinstance(result, ReducerResult)
    assert isinstance(result.outcome, ReducerOk)
    assert isinstance(update, TransactionUpdate)
    assert result.outcome.query_sets == update.query_sets
    assert [s.query_set_id for s in update.query_sets] == [2, 3]


def test_deltas_of_one_table_become_entries_of_one_update() -> None:
    deltas = [("a", False, [ONE], []), ("a", False, [], [TWO]), ("b", True, [ONE, TWO], [])]
    (update,) = decode_server_messages(transaction_update([(1, deltas)]), True)
    one, two = RowList(ONE, 4, ()), RowList(TWO, 4, ())
    tables = (
        TableUpdate("a", (PersistentRows(one, NONE), PersistentRows(NONE, two))),
        TableUpdate("b", (EventRows(FIXED),)),
    )
    assert update == TransactionUpdate((QuerySetUpdate(1, tables),))


@pytest.mark.parametrize("is_result", [False, True])
def test_garbled_updates_are_refused_exactly_when_the_codec_refuses_them(is_result: bool) -> None:
    deltas: list[TableDelta] = [("a", False, [ONE, ONE + TWO], [TWO]), ("a", False, [], []), ("b", True, [ONE], [])]
    sets: list[QuerySetDelta] = [(1, deltas), (2, deltas[:1])]
    good = reducer_ok(5, Timestamp(1), update_body(sets)) if is_result else transaction_update(sets)
    decode = compile_codec(SERVER_MESSAGE).decode
    cut = [good[:size] for size in range(len(good))]
    changed = [good[:at] + bytes([byte]) + good[at + 1 :] for at in range(1, len(good)) for byte in (0, 1, 2, 9, 255)]
    for data in (good, *cut, *changed):
        assert is_refused(decode_server_messages, data, False) == is_refused(decode, data), data.hex()


def is_refused(read: Callable[..., object], *arguments: object) -> bool:
    try:
        read(*arguments)
    except DecodeError:
        return True
    return False


def test_v3_frame_holds_several_messages_and_v2_only_the_first_counts() -> None:
    body = b"".join(bytes.fromhex(hex_) for _, hex_ in CLIENT_VECTORS)
    assert decode_client_messages(body, True) == [message for message, _ in CLIENT_VECTORS]
    assert decode_client_messages(body, False) == [CLIENT_VECTORS[0][0]]
    answers = b"".join(data for data, _, _ in SERVER_VECTORS)
    assert decode_server_messages(answers, True) == [message for _, message, _ in SERVER_VECTORS]
    assert decode_server_messages(answers, False) == [SERVER_VECTORS[0][1]]


CALL = "0305000000" + "00" + "03000000616464" + "0100000061"


@pytest.mark.parametrize(
    ("hex_", "text"),
    [
        ("05", "unknown tag 0x5 for sum type ClientMessage"),
        ("03", "data too short for u32: Expected 4, given 0"),
        ("0305000000", "data too short for u8: Expected 1, given 0"),
        ("0305000000" + "07" + "0000000000000000", "invalid call reducer flag 7"),
        ("0405000000" + "01" + "0000000000000000", "invalid call procedure flag 1"),
        ("0305000000" + "00" + "02000000c328" + "00000000", "invalid utf8"),
        ("0305000000" + "00" + "ffffffff61", "data too short for [u8]: Expected 4294967295, given 1"),
        (CALL[:-2], "data too short for [u8]: Expected 1, given 0"),
        ("01030000000200000002", "unknown tag 0x2 for sum type (Default: () | SendDroppedRows: ())"),
        ("000100000002000000ffffffff", "data too short for u32: Expected 4, given 0"),
    ],
)
def test_bytes_that_are_no_request_are_refused(hex_: str, text: str) -> None:
    for batched in (False, True):
        with pytest.raises(MessageError) as caught:
            decode_client_messages(bytes.fromhex(hex_), batched)
        assert str(caught.value) == text
        assert caught.value.messages == ()


def test_requests_before_a_broken_one_are_kept() -> None:
    with pytest.raises(MessageError) as caught:
        decode_client_messages(bytes.fromhex(CALL + CALL + "09"), True)
    assert caught.value.messages == (CallReducer(5, "add", b"a"),) * 2


def test_empty_frames_are_refused() -> None:
    with pytest.raises(MessageError, match="v3 websocket binary payload must contain at least one v2 client message"):
        decode_client_messages(b"", True)
    with pytest.raises(MessageError, match="data too short for u8: Expected 1, given 0"):
        decode_client_messages(b"", False)
    with pytest.raises(DecodeError):
        decode_server_messages(b"", True)


def test_bytes_that_are_no_answer_are_refused() -> None:
    with pytest.raises(DecodeError, match="unknown tag 0x8 for sum type ServerMessage"):
        decode_server_messages(b"\x08", True)
    for data, _, _ in SERVER_VECTORS:
        for size in range(len(data)):
            with pytest.raises(DecodeError):
                decode_server_messages(data[:size], False)


def test_every_shorter_piece_of_a_request_is_refused() -> None:
    for _, hex_ in CLIENT_VECTORS:
        data = bytes.fromhex(hex_)
        for size in range(len(data)):
            with pytest.raises(MessageError):
                decode_client_messages(data[:size], False)


@pytest.mark.parametrize("message", [CallReducer(2**32, "a", b""), OneOffQuery(1, "\ud800"), Subscribe(-1, 1, ())])
def test_request_that_cannot_be_written_is_refused(message: ClientMessage) -> None:
    with pytest.raises(EncodeError):
        encode_client_message(message)


@pytest.mark.parametrize(
    ("rows", "size", "offsets"),
    [
        ([], None, ()),
        ([b"ab"], 2, ()),
        ([b"ab", b"cd"], 2, ()),
        ([b"ab", b"c"], None, (0, 2)),
        ([b""], None, (0,)),
        ([b"", b""], None, (0, 0)),
        ([b"x" * 65535], 65535, ()),
        ([b"x" * 65536], None, (0,)),
    ],
)
def test_row_list_says_where_to_cut(rows: list[bytes], size: int | None, offsets: tuple[int, ...]) -> None:
    (message,) = decode_server_messages(subscribe_applied(1, 2, query_rows([("t", rows)])), True)
    assert isinstance(message, SubscribeApplied)
    rows_read = message.tables[0].rows
    assert rows_read == RowList(b"".join(rows), size, offsets)
    assert rows_read.split() == rows


@pytest.mark.parametrize(
    "wrong",
    [
        RowList(b"abc", 2, ()),
        RowList(b"abc", 0, ()),
        RowList(b"abc", None, ()),
        RowList(b"abc", None, (0, 4)),
        RowList(b"abc", None, (0, 2, 1)),
        RowList(b"abc", None, (1,)),
    ],
)
def test_hint_that_does_not_fit_its_rows_is_refused(wrong: RowList) -> None:
    with pytest.raises(ValueError, match="bytes"):
        wrong.split()


def test_row_list_of_nothing_has_no_offsets() -> None:
    assert row_list([]) == b"\1" + bytes(8)


def test_large_sets_encode_as_the_generic_codec_does() -> None:
    rows: Any = [bytes([i]) * (i % 7) for i in range(200)]
    message = transaction_update([(i, [("t", i % 2 == 0, rows, [])]) for i in range(20)])
    codec = compile_codec(SERVER_MESSAGE)
    assert codec.encode(codec.decode_all(message)) == message

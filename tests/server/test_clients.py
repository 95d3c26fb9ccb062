"""WebSocket clients against a real server: connect, subscribe, call, hear of others, come and go."""

import struct

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from stdbctl.protocol import (
    InitialConnection,
    InternalError,
    OneOffQueryResult,
    PersistentRows,
    ReducerErr,
    ReducerOk,
    ReducerResult,
    SubscribeApplied,
    SubscriptionError,
    TransactionUpdate,
    UnsubscribeApplied,
)
from stdbctl.sats import Identity
from tests.support.server import V2, V3, RawClient, RunningServer, call_reducer, subscribe, unsubscribe, wait_until


def text(value: str) -> bytes:
    return struct.pack("<I", len(value.encode())) + value.encode()


def enter(client: RawClient) -> InitialConnection:
    hello = client.receive()
    assert isinstance(hello, InitialConnection)
    return hello


def outcome(client: RawClient) -> ReducerResult:
    result = client.receive()
    assert isinstance(result, ReducerResult)
    return result


def inserted_texts(update: object) -> list[str]:
    """The texts of the notes that an update brings."""
    assert isinstance(update, (TransactionUpdate, ReducerOk))
    found = []
    for query_set in update.query_sets:
        for table in query_set.tables:
            for rows in table.rows:
                assert isinstance(rows, PersistentRows)
                found += [row[44:].decode() for row in rows.inserts.split()]
    return found


@pytest.mark.parametrize("protocol", [V2, V3])
def test_first_message_tells_who_the_client_is(server: RunningServer, protocol: Subprotocol) -> None:
    with server.connect("board", protocol=protocol) as client:
        hello = enter(client)
        assert client.socket.subprotocol == protocol
        assert client.socket.response is not None
        headers = client.socket.response.headers
        assert headers["spacetime-identity"] == hello.identity.to_hex()
        assert headers["spacetime-identity-token"] == hello.token
        assert "Sec-WebSocket-Extensions" not in headers


def test_token_brings_the_same_identity_back(server: RunningServer) -> None:
    with server.connect("board") as client:
        first = enter(client)
    with server.connect("board", token=first.token) as client:
        again = enter(client)
    short = server.request(
        "POST", "/identity/websocket-token", headers={"Authorization": f"Bearer {first.token}"}
    ).json()["token"]
    with server.connect("board", query=f"&token={short}") as client:
        third = enter(client)
    assert first.identity == again.identity == third.identity
    assert len({first.connection_id, again.connection_id, third.connection_id}) == 3
    assert third.token == short


def test_server_prefers_v3_whatever_the_client_prefers(server: RunningServer) -> None:
    with server.connect("board", protocol=[V2, V3]) as client:
        assert client.socket.subprotocol == V3


@pytest.mark.parametrize(
    ("path", "headers", "status", "answer"),
    [
        ("/v1/database/board/subscribe", {"Sec-WebSocket-Protocol": "v9"}, 400, "no valid protocol selected"),
        ("/v1/database/nowhere/subscribe", {}, 404, "`nowhere` not found"),
        ("/v1/database/Bad_Name/subscribe", {}, 400, "Invalid URL: invalid characters in database name"),
        ("/v1/database/board/subscribe?compression=zip", {}, 400, "compression"),
        ("/v1/database/board/subscribe?confirmed=maybe", {}, 400, "confirmed"),
        (f"/v1/database/board/subscribe?connection_id={'0' * 32}", {}, 400, "all-zeros"),
        ("/v1/database/board/subscribe?token=nonsense", {}, 401, "Invalid token: InvalidToken"),
        ("/v1/database/nowhere/subscribe?token=nonsense", {}, 401, "Invalid token"),
        ("/v1/database/board/subscribe", {"Authorization": "Basic x"}, 400, "malformed token"),
        ("/v1/elsewhere", {}, 404, "no WebSocket"),
        ("/v1/database/board/subscribe", {"Host": "evil.example"}, 403, "evil.example"),
        ("/v1/database/board/subscribe", {"Sec-WebSocket-Version": "8"}, 400, "Sec-WebSocket-Version"),
    ],
)
def test_handshake_is_refused_with_the_reason(
    server: RunningServer, path: str, headers: dict[str, str], status: int, answer: str
) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "v2.bsatn.spacetimedb",
    }
    refused = server.request("GET", path.removeprefix("/v1"), headers={**upgrade, **headers})
    assert refused.status_code == status
    assert answer in refused.text
    assert refused.headers["access-control-allow-origin"] == "*"


def test_route_without_upgrade_says_what_it_needs(server: RunningServer) -> None:
    answer = server.request("GET", "/database/board/subscribe")
    assert (answer.status_code, answer.text) == (426, "This service requires use of the websocket protocol")


def test_connection_id_may_be_chosen(server: RunningServer) -> None:
    with server.connect("board", query="&connection_id=00112233445566778899aabbccddeeff") as client:
        assert enter(client).connection_id.to_hex() == "00112233445566778899aabbccddeeff"


def test_requests_may_come_before_the_first_message_was_read(server: RunningServer) -> None:
    with server.connect("board", protocol=V3) as client:
        client.send(subscribe(1, 1, "SELECT * FROM secret"), call_reducer(2, "clear"))
        assert isinstance(client.receive(), InitialConnection)
        assert isinstance(client.receive(), SubscriptionError)
        assert outcome(client).request_id == 2


def test_caller_hears_of_its_own_rows_in_the_result_and_others_in_an_update(server: RunningServer) -> None:
    with server.connect("board") as writer, server.connect("board") as reader, server.connect("board") as bystander:
        me = enter(writer).identity
        for client in (reader, bystander):
            enter(client)
        query = f"SELECT * FROM note WHERE author = 0x{me.to_hex()}"
        for client in (writer, reader):
            client.send(subscribe(1, 7, query))
            applied = client.receive()
            assert isinstance(applied, SubscribeApplied)
            assert (applied.request_id, applied.query_set_id) == (1, 7)
        writer.send(call_reducer(2, "write", text("hello")))
        result = outcome(writer)
        assert result.request_id == 2
        assert inserted_texts(result.outcome) == ["hello"]
        assert inserted_texts(reader.receive()) == ["hello"]
        assert bystander.hears_nothing()
        assert writer.hears_nothing(0.01)


def test_unsubscribe_gives_the_rows_back_and_ends_the_updates(server: RunningServer) -> None:
    with server.connect("board") as client:
        me = enter(client).identity
        client.send(subscribe(1, 3, f"SELECT * FROM note WHERE author = 0x{me.to_hex()}"))
        client.receive()
        client.send(call_reducer(2, "write", text("kept")))
        outcome(client)
        client.send(unsubscribe(3, 3))
        dropped = client.receive()
        assert isinstance(dropped, UnsubscribeApplied)
        assert dropped.tables is not None
        assert [row[44:] for row in dropped.tables[0].rows.split()] == [b"kept"]
        client.send(call_reducer(4, "write", text("unseen")))
        assert outcome(client).outcome == ReducerOk(b"", ())
        client.send(unsubscribe(5, 3))
        unknown = client.receive()
        assert isinstance(unknown, SubscriptionError)
        assert unknown.request_id == 5
        assert unknown.error.startswith("Subscription not found")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT * FROM nothing", "no such table: `nothing`. If the table exists, it may be marked private."),
        ("SELECT * FROM secret", "no such table: `secret`. If the table exists, it may be marked private."),
        ("SELECT * FROM note WHERE colour = 1", "`colour` is not in scope"),
    ],
)
def test_bad_query_refuses_the_whole_set(server: RunningServer, query: str, error: str) -> None:
    with server.connect("board") as client:
        enter(client)
        client.send(subscribe(1, 1, "SELECT * FROM note", query))
        refused = client.receive()
        assert refused == SubscriptionError(1, 1, f"{error}, executing: `{query}`")
        client.send(subscribe(2, 1, "SELECT * FROM banned"))
        assert isinstance(client.receive(), SubscribeApplied)


@pytest.mark.parametrize(
    ("reducer", "args", "text_"),
    [
        ("nothing", b"", "no such reducer"),
        ("upkeep", b"", "no such reducer"),
        ("joined", b"", "can't directly call special OnConnect lifecycle reducer"),
        ("write", b"\1", "invalid arguments for reducer write: "),
        ("crash", b"", "The instance encountered a fatal error."),
    ],
)
def test_call_that_cannot_succeed_is_an_internal_error(
    server: RunningServer, reducer: str, args: bytes, text_: str
) -> None:
    with server.connect("board") as client:
        enter(client)
        client.send(call_reducer(9, reducer, args))
        result = outcome(client)
        assert result.request_id == 9
        assert isinstance(result.outcome, InternalError)
        assert result.outcome.text.startswith(text_)
        client.send(call_reducer(10, "clear"))
        assert isinstance(outcome(client).outcome, ReducerOk)


def test_reducer_error_reaches_its_caller_as_text(server: RunningServer) -> None:
    with server.connect("board") as client:
        enter(client)
        client.send(call_reducer(1, "write", text("")))
        assert outcome(client).outcome == ReducerErr(text("a note needs text"))


def test_owner_may_call_private_reducers_and_see_private_tables(server: RunningServer) -> None:
    with server.connect("board", token=server.token) as client:
        enter(client)
        client.send(call_reducer(1, "upkeep"))
        assert isinstance(outcome(client).outcome, ReducerOk)
        client.send(subscribe(2, 1, "SELECT * FROM secret"))
        applied = client.receive()
        assert isinstance(applied, SubscribeApplied)
        assert applied.tables[0].rows.split() == [struct.pack("<I", 1) + text("hidden")]


def test_one_off_query_answers_with_one_table(server: RunningServer) -> None:
    query = "SELECT * FROM banned"
    with server.connect("board") as client:
        enter(client)
        client.send(struct.pack("<BI", 2, 4) + text(query))
        result = client.receive()
        assert isinstance(result, OneOffQueryResult)
        assert not isinstance(result.result, str)
        assert [table.table for table in result.result] == ["banned"]
        client.send(struct.pack("<BI", 2, 5) + text("SELECT"))
        assert isinstance(client.receive(), OneOffQueryResult)


@pytest.mark.parametrize(
    ("query", "text_part"),
    [
        ("SELECT COUNT(*) AS n FROM banned", "Column projections are not supported"),
        ("SELECT identity FROM banned", "Column projections are not supported"),
        ("SELECT * FROM banned LIMIT 1", "LIMIT"),
        ("SELECT * FROM *", "Expected"),
        ("DELETE FROM banned", "Non-SELECT"),
    ],
)
def test_one_off_query_takes_whole_rows_only_as_clients_decode_them(
    server: RunningServer, query: str, text_part: str
) -> None:
    with server.connect("board") as client:
        enter(client)
        client.send(struct.pack("<BI", 2, 4) + text(query))
        result = client.receive()
        assert isinstance(result, OneOffQueryResult)
        assert isinstance(result.result, str)
        assert text_part in result.result


def test_refused_client_is_dropped_without_a_close_frame(server: RunningServer) -> None:
    made = server.request("POST", "/identity").json()
    assert server.call("board", "ban", {"__identity__": f"0x{made['identity']}"}).status_code == 200
    with server.connect("board", token=made["token"]) as client:
        with pytest.raises(ConnectionClosed) as closed:
            client.socket.recv(10)
        assert closed.value.rcvd is None
    refused = server.request(
        "POST",
        "/database/board/call/clear",
        json=[],
        headers={"Authorization": f"Bearer {made['token']}"},
    )
    assert (refused.status_code, refused.text) == (403, "you are banned")


def test_clients_that_leave_are_seen_to_leave(server: RunningServer) -> None:
    with server.connect("board") as watcher:
        enter(watcher)
        watcher.send(subscribe(1, 1, "SELECT * FROM online"))
        watcher.receive()
        with server.connect("board") as visitor:
            id_ = enter(visitor).connection_id
            came = watcher.receive()
        went = watcher.receive()
    assert isinstance(came, TransactionUpdate)
    assert isinstance(went, TransactionUpdate)
    rows = came.query_sets[0].tables[0].rows[0], went.query_sets[0].tables[0].rows[0]
    assert isinstance(rows[0], PersistentRows)
    assert isinstance(rows[1], PersistentRows)
    assert rows[0].inserts.split() == rows[1].deletes.split() == [id_.data]


def test_calls_sent_just_before_leaving_still_run(server: RunningServer) -> None:
    with server.connect("board") as client:
        me = enter(client).identity
        client.send(call_reducer(1, "write", text("goodbye")))
    query = f"SELECT text FROM note WHERE author = 0x{me.to_hex()}"
    wait_until(lambda: server.sql("board", query) == [["goodbye"]], "the last call")


@pytest.mark.parametrize("protocol", [V2, V3])
def test_calls_are_answered_in_their_order(server: RunningServer, protocol: Subprotocol) -> None:
    with server.connect("board", protocol=protocol) as client:
        enter(client)
        calls = [call_reducer(i, "write" if i % 3 else "nothing", text("x" * (i % 5))) for i in range(500)]
        if protocol == V3:
            client.send(*calls)
        else:
            for call in calls:
                client.send(call)
        assert [outcome(client).request_id for _ in calls] == list(range(500))


def test_unconfirmed_client_gets_the_same_messages(server: RunningServer) -> None:
    with server.connect("board", query="&confirmed=false") as client:
        me = enter(client).identity
        client.send(subscribe(1, 1, f"SELECT * FROM note WHERE author = 0x{me.to_hex()}"))
        client.receive()
        client.send(call_reducer(2, "write", text("soon")))
        assert inserted_texts(outcome(client).outcome) == ["soon"]


def test_unknown_database_identity_is_not_found(server: RunningServer) -> None:
    with pytest.raises(InvalidStatus) as refused, server.connect(Identity.zero().to_hex()):
        pass
    assert refused.value.response.status_code == 404
    assert refused.value.response.body == b"No such database."

"""The control client against servers that are away, strange or rude; test_http.py has a real one."""

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from stdbctl.client.http import (
    AnswerBrokeOff,
    BadArguments,
    ControlClient,
    FunctionFailed,
    ManualMigration,
    NoSuchDatabase,
    NoSuchFunction,
    NotAllowed,
    PublishRefused,
    QueryRefused,
    Refused,
    ServerNotReachable,
    TokenRefused,
    UnexpectedAnswer,
    identity_of_token,
)
from stdbctl.sats import Identity

IDENTITY = Identity.from_hex("c200ef884364c1a99be0298dc68f2004e6b97c09d1b1658b7db22f51fb662059")


@contextmanager
def server(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends `answer` to one request and hangs up: its URL, and what it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                data = b""
                while b"\r\n\r\n" not in data:
                    data += connection.recv(65536)
                head, _, body = data.partition(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    ),
                    0,
                )
                while len(body) < length:
                    body += connection.recv(65536)
                received.append(head + b"\r\n\r\n" + body)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        thread.join(20)
        assert not thread.is_alive()


def http(status: int, body: str = "") -> bytes:
    data = body.encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(data), data)


def test_absent_server_is_named_with_the_way_to_start_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with ControlClient(url) as client, pytest.raises(ServerNotReachable) as caught:
        client.ping()
    assert url in caught.value.what
    assert "stdbctl start" in caught.value.fix


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"SSH-2.0-OpenSSH\r\n"]
)
def test_answer_that_breaks_off_is_no_advice_to_start_a_server(answer: bytes) -> None:
    with server(answer) as (url, _), ControlClient(url) as client, pytest.raises(AnswerBrokeOff) as caught:
        client.create_identity()
    assert isinstance(caught.value, ServerNotReachable)
    assert "stdbctl start" not in caught.value.fix


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"identity": 5, "token": "x"}', '{"identity": "c2"}'])
def test_other_programs_are_told_from_spacetimedb(body: str) -> None:
    with server(http(200, body)) as (url, _), ControlClient(url) as client, pytest.raises(UnexpectedAnswer, match=url):
        client.create_identity()


@pytest.mark.parametrize(
    ("status", "text", "request_", "error"),
    [
        (401, "Invalid token: InvalidSignature", lambda c: c.ping(), TokenRefused),
        (403, "x is not authorized", lambda c: c.delete("board"), NotAllowed),
        (404, "`board` not found", lambda c: c.database("board"), NoSuchDatabase),
        (404, "`board` not found", lambda c: c.call("board", "f", "[]"), NoSuchDatabase),
        (404, "No such database.", lambda c: c.call("board", "f", "[]"), NoSuchDatabase),
        (404, "No such procedure", lambda c: c.call("board", "f", "[]"), NoSuchFunction),
        (400, "invalid arguments for reducer", lambda c: c.call("board", "f", "[]"), BadArguments),
        (530, "color must look like #RRGGBB", lambda c: c.call("board", "f", "[]"), FunctionFailed),
        (400, "no such table: `x`", lambda c: c.sql("board", "SELECT * FROM x"), QueryRefused),
        (400, "Database update rejected: no", lambda c: c.publish("board", b"zip"), PublishRefused),
        (500, "chaos", lambda c: c.publish("board", b"zip"), PublishRefused),
        (500, "chaos", lambda c: c.names("board"), Refused),
        (503, "", lambda c: c.ping(), Refused),
    ],
)
def test_refusals_have_their_class_status_and_text(
    status: int, text: str, request_: Callable[[ControlClient], object], error: type[Refused]
) -> None:
    with server(http(status, text)) as (url, _), ControlClient(url) as client, pytest.raises(Refused) as caught:
        request_(client)
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.text) == (status, text)


def test_refused_log_stream_is_a_refusal() -> None:
    with (
        server(http(403, "view module logs")) as (url, _),
        ControlClient(url) as client,
        pytest.raises(NotAllowed),
        client.logs("board"),
    ):
        pass


def test_log_stream_that_breaks_is_an_unreachable_server() -> None:
    answer = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{"a"}\n\r\n'
    with (
        server(answer) as (url, _),
        ControlClient(url) as client,
        client.logs("board", follow=True) as lines,
        pytest.raises(ServerNotReachable),
    ):
        list(lines)


def test_token_and_body_are_sent_as_spacetimedb_wants_them() -> None:
    result = {"Success": {"domain": "board", "database_identity": IDENTITY.to_hex(), "op": "created"}}
    with server(http(200, json.dumps(result))) as (url, received), ControlClient(url, "secret") as client:
        published = client.publish("board", b"zip", allowed_plan="0x12")
    head, _, body = received[0].partition(b"\r\n\r\n")
    method, path, _ = head.partition(b"\r\n")[0].split()
    assert (method, path.partition(b"?")[0]) == (b"PUT", b"/v1/database/board")
    assert {b"host_type=Python", b"token=0x12", b"policy=BreakClients"} < {*path.partition(b"?")[2].split(b"&")}
    assert b"authorization: bearer secret" in head.lower()
    assert body == b"zip"
    assert (published.domain, published.identity, published.is_new) == ("board", IDENTITY, True)


def test_refused_migration_is_a_result() -> None:
    body = json.dumps({"ManualMigrate": {"reason": "column x is gone", "major_version_upgrade": False}})
    with server(http(200, body)) as (url, _), ControlClient(url) as client:
        assert client.pre_publish("board", b"zip") == ManualMigration(reason="column x is gone")


def test_names_in_paths_are_quoted() -> None:
    with server(http(404, "x")) as (url, received), ControlClient(url) as client, pytest.raises(NoSuchDatabase):
        client.database("../identity?x")
    assert received[0].startswith(b"GET /v1/database/..%2Fidentity%3Fx HTTP/1.1")


def test_identity_of_a_token() -> None:
    claims = base64.urlsafe_b64encode(json.dumps({"hex_identity": IDENTITY.to_hex()}).encode()).decode().rstrip("=")
    assert identity_of_token(f"head.{claims}.signature") == IDENTITY


@pytest.mark.parametrize("token", ["", "a.b.c", "a", "a.e30.c", "a.W10.c"])
def test_what_is_no_token_of_a_server(token: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        identity_of_token(token)

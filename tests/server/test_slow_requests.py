"""Requests that never arrive whole are given up; slow ones that do are answered."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.server import RunningServer, serving

LIMIT_S = 0.5
HEAD = b"POST /v1/database/nowhere/sql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 8\r\n"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that waits half a second for a head, and for a body."""
    with serving(tmp_path_factory.mktemp("hasty"), in_memory=True, request_s=LIMIT_S) as running:
        running.publish(
            "board", {"module/__init__.py": "from stdbctl.module import table, u8\n\n@table()\nclass T:\n    x: u8\n"}
        )
        yield running


def answer(server: RunningServer, *parts: bytes) -> bytes:
    """What comes back for some bytes until the server closes the connection."""
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


@pytest.mark.parametrize(
    "begun", [b"", b"G", HEAD[:30], HEAD], ids=["nothing", "a letter", "a line", "all but the end"]
)
def test_half_a_head_is_given_up(hasty: RunningServer, begun: bytes) -> None:
    began = time.monotonic()
    assert answer(hasty, begun).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert time.monotonic() - began >= LIMIT_S


def test_half_a_head_after_an_answer_is_given_up(hasty: RunningServer) -> None:
    received = answer(hasty, b"GET /v1/ping HTTP/1.1\r\nhost: localhost\r\n\r\n", b"GET /v1/pi")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 408 Request Timeout\r\n" in received


def test_half_a_body_is_given_up_and_said_so(hasty: RunningServer) -> None:
    request = HEAD.replace(b"nowhere", b"board") + b"\r\nSELE"
    received = answer(hasty, request)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert received.endswith(b"the request's body did not come within 0.5 s")


def test_an_open_websocket_is_not_given_up(hasty: RunningServer) -> None:
    with hasty.connect("board") as client:
        client.receive()
        assert client.hears_nothing(2 * LIMIT_S)
        client.socket.ping().wait(30)

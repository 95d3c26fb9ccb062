"""Frames and their limits on a real socket: fragments, pings, closes, and readers that stall."""

import itertools
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from stdbctl.protocol import InitialConnection, ReducerResult
from tests.server.conftest import BOARD
from tests.support.server import V2, V3, RunningServer, call_reducer, serving, subscribe, unsubscribe

CLEAR = call_reducer(1, "clear")


class Wire:
    """A TCP connection after the upgrade, so that a test decides about every frame."""

    def __init__(self, server: RunningServer, protocol: str = V2, *, receive_bytes: int | None = None) -> None:
        address = urlsplit(server.url)
        self.tcp = socket.socket()
        if receive_bytes is not None:
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.tcp.settimeout(30)
        self.tcp.connect((address.hostname, address.port))
        request = (
            "GET /v1/database/board/subscribe HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
        )
        self.tcp.sendall(request.encode())
        self.stream = self.tcp.makefile("rb")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.stream.readline()
        assert head.startswith(b"HTTP/1.1 101")

    def send(self, opcode: Opcode, data: bytes, *, fin: bool = True, mask: bool = True) -> None:
        self.tcp.sendall(Frame(opcode, data, fin).serialize(mask=mask))

    def frame(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload; (-1, b"") at the end of TCP."""
        try:
            head = self.stream.read(2)
            if len(head) < 2:
                return -1, b""
            length = head[1]
            if length == 126:
                (length,) = struct.unpack("!H", self.stream.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.stream.read(8))
            return head[0] & 15, self.stream.read(length)
        except ConnectionResetError:
            return -1, b""

    def message(self) -> bytes:
        """The next binary message, pings aside."""
        while True:
            opcode, data = self.frame()
            if opcode == Opcode.BINARY:
                return data
            assert opcode == Opcode.PING

    def closing(self) -> tuple[int, str]:
        """The server's Close: code and reason."""
        while True:
            opcode, data = self.frame()
            if opcode == Opcode.CLOSE:
                return int.from_bytes(data[:2], "big"), data[2:].decode()
            assert opcode != -1, "TCP ended without a Close"

    def ends_without_close(self) -> bool:
        while True:
            opcode, _ = self.frame()
            if opcode in (-1, Opcode.CLOSE):
                return opcode == -1

    def close(self) -> None:
        self.stream.close()
        self.tcp.close()


@pytest.fixture
def wire(server: RunningServer) -> Iterator[Wire]:
    wire = Wire(server)
    assert wire.message()[:2] == b"\0\0"
    yield wire
    wire.close()


def test_first_ping_comes_at_once(server: RunningServer) -> None:
    wire = Wire(server)
    assert wire.frame() == (Opcode.PING, b"")
    wire.close()


def test_fragments_are_one_message(wire: Wire) -> None:
    wire.send(Opcode.BINARY, CLEAR[:3], fin=False)
    wire.send(Opcode.PING, b"between")
    wire.send(Opcode.CONT, CLEAR[3:7], fin=False)
    wire.send(Opcode.CONT, CLEAR[7:])
    assert wire.frame() == (Opcode.PONG, b"between")
    assert wire.message()[:2] == b"\0\6"


def test_frames_may_arrive_byte_by_byte_and_all_at_once(wire: Wire) -> None:
    frame = Frame(Opcode.BINARY, CLEAR).serialize(mask=True)
    for byte in frame:
        wire.tcp.sendall(bytes([byte]))
    wire.tcp.sendall(frame * 3 + frame[:5])
    wire.tcp.sendall(frame[5:])
    assert [wire.message()[:2] for _ in range(5)] == [b"\0\6"] * 5


@pytest.mark.parametrize("size", [100, 125, 126, 127, 65_535, 65_536, 300_000])
def test_messages_of_every_length_pass_both_ways(wire: Wire, size: int) -> None:
    args = struct.pack("<I", size) + b"x" * size
    wire.send(Opcode.BINARY, call_reducer(1, "write", args))
    assert wire.message()[:2] == b"\0\6"
    wire.send(Opcode.BINARY, call_reducer(2, "x" * size))
    assert wire.message()[-len("no such reducer") :] == b"no such reducer"
    wire.send(Opcode.BINARY, CLEAR)
    assert wire.message()[:2] == b"\0\6"


@pytest.mark.parametrize(
    ("protocol", "opcode", "data", "code", "reason"),
    [
        (V2, Opcode.TEXT, b"hello", 1011, "v2 websocket does not support text messages"),
        (V3, Opcode.TEXT, b"hello", 1011, "v3 websocket does not support text messages"),
        (V3, Opcode.BINARY, b"", 1011, "v3 websocket binary payload must contain at least one v2 client message"),
        (V2, Opcode.BINARY, b"\x09", 1011, "unknown tag 0x9 for sum type ClientMessage"),
        (V2, Opcode.BINARY, b"\x00\x01", 1011, "data too short"),
        (V2, Opcode.CONT, b"out of place", 1002, ""),
    ],
)
def test_mistakes_close_with_code_and_reason(
    server: RunningServer, protocol: str, opcode: Opcode, data: bytes, code: int, reason: str
) -> None:
    wire = Wire(server, protocol)
    wire.message()
    wire.send(opcode, data)
    given = wire.closing()
    assert given[0] == code
    assert given[1].startswith(reason)
    assert len(given[1].encode()) <= 123
    wire.close()


def test_unmasked_frame_is_a_protocol_error(wire: Wire) -> None:
    wire.send(Opcode.BINARY, CLEAR, mask=False)
    assert wire.closing()[0] == 1002


def test_message_over_32_mib_is_refused_by_its_header(wire: Wire) -> None:
    wire.tcp.sendall(struct.pack("!BBQI", 0x82, 0xFF, 32 * 1024 * 1024 + 1, 0))
    assert wire.closing()[0] == 1009


def test_query_set_in_use_closes(wire: Wire) -> None:
    wire.send(Opcode.BINARY, subscribe(1, 5, "SELECT * FROM note"))
    wire.message()
    wire.send(Opcode.BINARY, subscribe(2, 5, "SELECT * FROM note"))
    code, reason = wire.closing()
    assert code == 1011
    assert "Subscription with id 5 already exists for client" in reason


def test_flood_in_one_frame_closes_with_1013(server: RunningServer) -> None:
    wire = Wire(server, V3)
    wire.message()
    wire.send(Opcode.BINARY, CLEAR * 16_385)
    assert wire.closing() == (1013, "too many requests")
    wire.close()


def test_flood_of_frames_is_slowed_down_and_answered(server: RunningServer) -> None:
    count = 40_000
    wire = Wire(server)
    wire.message()
    frame = Frame(Opcode.BINARY, call_reducer(1, "none")).serialize(mask=True)
    wire.tcp.sendall(frame * count)
    assert sum(wire.message()[:2] == b"\0\6" for _ in range(count)) == count
    wire.close()


def test_close_is_answered_and_tcp_ends(wire: Wire) -> None:
    wire.send(Opcode.CLOSE, struct.pack("!H", 1000))
    assert wire.closing()[0] == 1000
    assert wire.frame() == (-1, b"")


def test_peer_that_never_answers_a_close_is_cut_off_soon(wire: Wire) -> None:
    wire.send(Opcode.TEXT, b"x")
    wire.closing()
    began = time.monotonic()
    assert wire.frame() == (-1, b"")
    assert time.monotonic() - began < 30


def test_silent_client_is_dropped_without_a_close_and_a_ponging_one_is_kept(tmp_path: Path) -> None:
    with serving(tmp_path, idle_s=2.0, ping_every_s=0.3) as server:
        assert server.publish("board", BOARD).status_code == 200
        with server.connect("board") as ponging:
            assert isinstance(ponging.receive(), InitialConnection)
            began = time.monotonic()
            silent = Wire(server)
            assert silent.ends_without_close()
            assert time.monotonic() - began >= 2.0
            silent.close()
            ponging.send(CLEAR)
            assert isinstance(ponging.receive(), ReducerResult)


def test_ping_waits_for_its_answer(tmp_path: Path) -> None:
    with serving(tmp_path, idle_s=0.6, ping_every_s=0.05) as server:
        assert server.publish("board", BOARD).status_code == 200
        wire = Wire(server)
        frames = []
        while (frame := wire.frame())[0] != -1:
            frames.append(frame[0])
        wire.close()
        assert frames.count(Opcode.PING) == 1


def write(number: int, text: bytes) -> bytes:
    return call_reducer(number, "write", struct.pack("<I", len(text)) + text)


def test_stalled_reader_is_aborted_and_others_go_on(tmp_path: Path) -> None:
    with serving(tmp_path, stall_s=0.1) as server:
        assert server.publish("board", BOARD).status_code == 200
        stalled = Wire(server, receive_bytes=4096)
        stalled.send(Opcode.BINARY, subscribe(1, 1, "SELECT * FROM note"))
        text = os.urandom(500_000).hex().encode()
        with server.connect("board") as client, server.connect("board") as watcher:
            client.receive()
            watcher.receive()
            watcher.send(subscribe(1, 1, "SELECT * FROM online"))
            watcher.receive()
            for number in itertools.count():
                client.send(write(number, text))
                assert isinstance(client.receive(), ReducerResult)
                client.send(CLEAR)
                assert isinstance(client.receive(), ReducerResult)
                if not watcher.hears_nothing(0.01):
                    break  # the stalled one is gone
        assert stalled.ends_without_close()
        stalled.close()


def test_reader_of_more_than_the_backlog_is_kept(server: RunningServer) -> None:
    with server.connect("board") as writer:
        writer.receive()
        for number in range(20):
            writer.send(write(number, b"x" * 1_000_000))
            assert isinstance(writer.receive(), ReducerResult)
        reader = Wire(server)
        reader.message()
        for number in range(3):
            reader.send(Opcode.BINARY, subscribe(number, number, "SELECT * FROM note"))
        assert [len(reader.message()) > 20_000_000 for _ in range(3)] == [True] * 3
        reader.close()
        writer.send(CLEAR)
        assert isinstance(writer.receive(), ReducerResult)


def test_queries_of_a_client_that_left_are_not_run(server: RunningServer) -> None:
    rude = Wire(server, V3)
    rude.message()
    with server.connect("board") as writer, server.connect("board") as watcher:
        writer.receive()
        watcher.receive()
        for number in range(4):
            writer.send(write(number, b"x" * 1_000_000))
            assert isinstance(writer.receive(), ReducerResult)
        watcher.send(subscribe(1, 1, "SELECT * FROM online"))
        watcher.receive()
        rude.send(Opcode.BINARY, (subscribe(1, 1, "SELECT * FROM note") + unsubscribe(2, 1)) * 4_000)
        rude.close()
        began = time.monotonic()
        watcher.receive()
        assert time.monotonic() - began < 30
        writer.send(CLEAR)
        assert isinstance(writer.receive(), ReducerResult)


def test_abandoned_connection_frees_its_client(server: RunningServer) -> None:
    with server.connect("board") as watcher:
        watcher.receive()
        watcher.send(subscribe(1, 1, "SELECT * FROM online"))
        watcher.receive()
        wire = Wire(server)
        watcher.receive()
        wire.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.close()
        watcher.receive()


def test_connection_survives_its_mistaken_neighbour(server: RunningServer) -> None:
    with server.connect("board") as good, server.connect("board") as bad:
        good.receive()
        bad.receive()
        bad.send(b"\xff")
        with pytest.raises(ConnectionClosed) as closed:
            bad.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1011
        good.send(CLEAR)
        assert isinstance(good.receive(), ReducerResult)

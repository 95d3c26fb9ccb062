"""Load: WebSocket connections in one process that each keep some frames in flight and count what comes back.

Written for the generator to cost little beside a server: frames are built once, replies are counted by their headers.
"""

import selectors
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.frames import Frame, Opcode

Count = Callable[[int], int]
"""How many answers a binary frame with this many payload bytes holds."""


def frame(data: bytes) -> bytes:
    """A client's binary frame."""
    return Frame(Opcode.BINARY, data).serialize(mask=True)


def upgraded(url: str, protocol: str | None = None) -> socket.socket:
    """A TCP connection right after the 101."""
    parts = urlsplit(url)
    tcp = socket.create_connection((parts.hostname, parts.port))
    tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    offer = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
    tcp.sendall(
        f"GET {parts.path or '/'} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += tcp.recv(1)
    assert head.startswith(b"HTTP/1.1 101"), head
    return tcp


@dataclass(slots=True)
class Reader:
    """Cuts what a socket gives into frames."""

    buffer: bytearray = field(default_factory=bytearray)

    def binary_sizes(self, data: bytes) -> list[int]:
        """The payload sizes of the binary frames that are complete with `data`."""
        buffer = self.buffer
        buffer += data
        sizes, start, size = [], 0, len(buffer)
        while size - start >= 2:
            length, payload = buffer[start + 1], start + 2
            if length == 126:
                if size - start < 4:
                    break
                length, payload = (buffer[start + 2] << 8) | buffer[start + 3], start + 4
            elif length == 127:
                if size - start < 10:
                    break
                (length,) = struct.unpack_from("!Q", buffer, start + 2)
                payload = start + 10
            if payload + length > size:
                break
            if buffer[start] & 15 == Opcode.BINARY:
                sizes.append(length)
            start = payload + length
        del buffer[:start]
        return sizes


def first_frame(tcp: socket.socket) -> int:
    """Read past the next binary frame, which must be the last for now; its payload bytes."""
    reader = Reader()
    while not (sizes := reader.binary_sizes(tcp.recv(65_536))):
        pass
    assert len(sizes) == 1
    return sizes[0]


def pipelined(sockets: list[socket.socket], request: bytes, in_flight: int, count: Count, seconds: float) -> float:
    """Answers per second while each socket keeps `in_flight` requests (one frame each) unanswered.

    `request` may hold several calls; `count` says how many answers a frame brings, and `in_flight` counts calls, too.
    """
    calls_per_frame = max(1, count(-1))
    selector = selectors.DefaultSelector()
    readers = {tcp: Reader() for tcp in sockets}
    owed = dict.fromkeys(sockets, 0)
    for tcp in sockets:
        selector.register(tcp, selectors.EVENT_READ)
        tcp.sendall(request * (in_flight // calls_per_frame))
    answered, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        for key, _ in selector.select(1):
            ready = key.fileobj
            assert isinstance(ready, socket.socket)
            done = sum(map(count, readers[ready].binary_sizes(ready.recv(262_144))))
            answered += done
            owed[ready] += done
            frames, owed[ready] = divmod(owed[ready], calls_per_frame)
            if frames:
                ready.sendall(request * frames)
    selector.close()
    return answered / elapsed

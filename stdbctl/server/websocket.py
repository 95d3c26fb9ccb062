"""One WebSocket connection on uvicorn's transport: frames in and out, keep-alive, aborts, the closing handshake.

uvicorn's own class cannot abort a stalled reader, ties keep-alive to reading, and fixes its close timeout. Here nothing
ever waits for a client: what it does not read is counted, and above a limit a client that reads nothing is aborted.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol, cast

from websockets import frames as library_frames
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from stdbctl.server import limits
from stdbctl.server.frames import BINARY_FINAL, close_reason, frame_length
from stdbctl.server.refusal import Refusal

apply_mask = library_frames.apply_mask  # type: ignore[attr-defined]  # C where built; the library re-exports it unmarked

_SILENT = logging.getLogger("stdbctl.server.websocket.silent")
"""The library logs request lines, which carry tokens."""
_SILENT.disabled = True


class Peer(Protocol):
    """What sits behind a socket: one client of one database."""

    def receive(self, message: bytes) -> None:
        """Take one whole binary message."""
        ...

    def text_refusal(self) -> str:
        """Why text frames are refused."""
        ...

    def left(self) -> None:
        """The connection is gone."""
        ...


class Door(Protocol):
    """Decides about handshakes. See stdbctl.server.handshake."""

    ping_every_s: float
    idle_s: float
    stall_s: float

    def admit(self, request: Request, socket: "WebSocket") -> tuple[Peer, str, dict[str, str]]:
        """The peer, the sub-protocol and further headers of the 101; Refusal otherwise."""
        ...

    def enter(self, peer: Peer) -> None:
        """The 101 is out."""
        ...


class WebSocket(asyncio.Protocol):
    """The server's side of one connection, from the upgrade request to the end of TCP."""

    def __init__(self, door: Door, *, server_state: Any, **_: Any) -> None:  # Any: uvicorn's own objects
        self._door = door
        self._connections: set[object] = server_state.connections
        self._loop = asyncio.get_running_loop()
        self._library = ServerProtocol(max_size=limits.INCOMING_MESSAGE_BYTES, logger=_SILENT)
        self._peer: Peer | None = None
        self._buffer = bytearray()
        self._fragments: list[bytes] | None = None
        self._is_open = False
        self._is_paused = False
        self._pinged = False
        self._last_seen = self._loop.time()
        self._next_ping = self._last_seen
        self._timer: asyncio.TimerHandle | None = None
        self._written_bytes = 0
        # What the peer had taken of them when that was last asked, and since when it has taken no more.
        self._taken_bytes, self._taken_at = -1, self._last_seen
        self._transport: asyncio.Transport

    # --- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a connection."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by shape only
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone, by whichever side."""
        self._is_open = False
        self._connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.left()

    def data_received(self, data: bytes) -> None:
        """Read the upgrade request first, frames afterwards."""
        if self._is_open:
            self._last_seen = self._loop.time()
            if self._buffer:
                self._buffer += data
                self._read_frames(self._buffer)
            else:
                self._read_frames(data)
        elif self._library.state is State.CONNECTING:
            self._read_request(data)
        elif self._library.state is State.CLOSING:
            self._library_reads(bytes(self._buffer) + data)
            self._buffer.clear()

    def shutdown(self) -> None:
        """The server ends: called by uvicorn for each connection."""
        if self._is_open:
            self.close(CloseCode.GOING_AWAY, "server is shutting down")
        elif self._library.state is State.CONNECTING:
            self._transport.close()

    # --- the peer's side

    def send(self, frames: bytes) -> None:
        """Send ready-made frames without waiting; a client that does not read is aborted."""
        if not self._is_open:
            return
        waiting = self._transport.get_write_buffer_size()
        if waiting > limits.OUTGOING_BACKLOG_BYTES and self._is_stalled(waiting):
            self.drop()
        else:
            self._write(frames)

    def _is_stalled(self, waiting: int) -> bool:
        """Whether a peer with this many bytes unread has taken none for too long, or leaves too many."""
        now, taken = self._loop.time(), self._written_bytes - waiting
        if taken != self._taken_bytes:
            self._taken_bytes, self._taken_at = taken, now
        return now - self._taken_at >= self._door.stall_s or waiting > limits.OUTGOING_BACKLOG_MAX_BYTES

    def _write(self, data: bytes) -> None:
        self._written_bytes += len(data)
        self._transport.write(data)

    def close(self, code: int, reason: str = "") -> None:
        """Start the closing handshake; TCP ends when the peer answers, or 250 ms later."""
        if not self._is_open:
            return
        self._is_open = False
        self._library.send_close(code, close_reason(reason))
        self._flush_library()
        self._after(limits.CLOSE_HANDSHAKE_S, self._transport.abort)
        self._resume()

    def drop(self) -> None:
        """End the connection at once, without a close frame."""
        self._is_open = False
        self._transport.abort()

    def pause(self) -> None:
        """Leave what the client sends to TCP until `resume`."""
        if self._is_open and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._is_open:
            self._last_seen = self._loop.time()
            self._resume()

    def _resume(self) -> None:
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()

    # --- the handshake

    def _read_request(self, data: bytes) -> None:
        self._library.receive_data(data)
        for event in self._library.events_received():
            assert isinstance(event, Request)
            self._answer(event)
        self._flush_library()
        if self._is_open:
            assert self._peer is not None
            self._door.enter(self._peer)
            self._watch()
        elif self._library.close_expected():
            self._transport.close()

    def _answer(self, request: Request) -> None:
        headers: Mapping[str, str] = {}
        try:
            peer, subprotocol, headers = self._door.admit(request, self)
        except Refusal as refusal:
            response = self._library.reject(refusal.status, refusal.text)
            headers = refusal.headers
        else:
            response = self._library.accept(request)
            if response.status_code == 101:
                headers = {**headers, "Sec-WebSocket-Protocol": subprotocol}
                self._peer = peer
                self._is_open = True
                self._last_seen = self._next_ping = self._loop.time()
        response.headers["Access-Control-Allow-Origin"] = "*"
        for name, value in headers.items():
            response.headers[name] = value
        self._library.send_response(response)

    # --- frames

    def _read_frames(self, buffer: bytes | bytearray) -> None:
        start, size = 0, len(buffer)
        while self._is_open and size - start >= 2:
            second = buffer[start + 1]
            if buffer[start] == BINARY_FINAL and 0x80 <= second < 0xFE and self._fragments is None:
                payload = start + 6  # the short form, which nearly every call has
                end = payload + second - 0x80
            else:
                bounds = frame_length(buffer, start, size)
                if bounds is None:
                    break
                payload, end = bounds
            if end > size and second & 0x80 and end - payload <= limits.INCOMING_MESSAGE_BYTES:
                break
            if buffer[start] == BINARY_FINAL and end <= size and second & 0x80 and self._fragments is None:
                assert self._peer is not None
                self._peer.receive(apply_mask(buffer[payload:end], buffer[payload - 4 : payload]))
            else:
                self._library_reads(bytes(buffer[start:end]))
            start = end
        if buffer is self._buffer:
            del self._buffer[:start]
        elif start < size:
            self._buffer += memoryview(buffer)[start:]

    def _library_reads(self, data: bytes) -> None:
        """Give the library what the fast path leaves: control frames, fragments, text, and every mistake."""
        self._library.receive_data(data)
        for event in self._library.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._flush_library()
        if self._library.state is not State.OPEN:
            self._ended()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self._pinged = False
        elif frame.opcode is Opcode.TEXT and self._is_open:
            assert self._peer is not None
            self.close(CloseCode.INTERNAL_ERROR, self._peer.text_refusal())
        elif frame.opcode is Opcode.BINARY or (frame.opcode is Opcode.CONT and self._fragments is not None):
            self._take_fragment(frame)

    def _take_fragment(self, frame: Frame) -> None:
        fragments = self._fragments = [] if self._fragments is None else self._fragments
        fragments.append(bytes(frame.data))
        if frame.fin:
            self._fragments = None
            if self._is_open and self._peer is not None:
                self._peer.receive(b"".join(fragments))

    def _ended(self) -> None:
        """The library sent or got a Close, or failed the connection."""
        was_open, self._is_open = self._is_open, False
        if self._library.close_rcvd is not None or was_open:
            # Both Closes are through, or the connection failed: end TCP, and do not wait for a reader that stalls.
            self._transport.close()
            self._after(limits.CLOSE_HANDSHAKE_S, self._transport.abort)

    def _flush_library(self) -> None:
        for data in self._library.data_to_send():
            if data:
                self._write(data)

    # --- keep-alive

    def _watch(self) -> None:
        """Ping when due, drop who was silent too long, and come back at the next of the two."""
        if not self._is_open:
            return
        now = self._loop.time()
        if self._is_paused:
            self._last_seen = now  # it is we who do not read
        silent_until = self._last_seen + self._door.idle_s
        if now >= silent_until:
            self.drop()
            return
        if now >= self._next_ping:
            self._next_ping = now + self._door.ping_every_s
            if not self._pinged:
                self._pinged = True
                self._library.send_ping(b"")
                self._flush_library()
        self._timer = self._loop.call_at(min(self._next_ping, silent_until), self._watch)

    def _after(self, delay_s: float, action: Any) -> None:  # Any: a callable of asyncio's own type
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, action)

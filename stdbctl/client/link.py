"""One WebSocket to a server, on the sans-I/O protocol of `websockets`: frames go to a receiver as they arrive.

Nothing waits in a queue between the socket and the receiver, so a frame costs no task switch. A link is silent about
what goes wrong until `closed` says why it ended.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, cast

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from stdbctl.client.endpoint import Endpoint
from stdbctl.client.unpacking import MESSAGE_BYTES_MAX
from stdbctl.protocol import V2_PROTOCOL, V3_PROTOCOL

CLOSE_S = 1.0
"""How long the peer has to answer a Close before TCP is cut."""
WRITE_BACKLOG_BYTES = 1024 * 1024
"""Bytes handed to the socket and not taken yet; beyond it, what is to be sent waits in the session."""

_SILENT = logging.getLogger("stdbctl.client.link.silent")
"""The library logs request lines, which carry tokens."""
_SILENT.disabled = True


class Receiver(Protocol):
    """Where frames go; owned by the link, implemented by the faces."""

    def frame(self, frame: bytes) -> None:
        """One whole message of the server. An exception ends the link."""


class Refusal(Exception):
    """The server answered the handshake with something else. `status`: HTTP's, 0 when it was no HTTP."""

    def __init__(self, status: int, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(text)


class Link(asyncio.Protocol):
    """One socket from the handshake to the end of TCP."""

    def __init__(self, endpoint: Endpoint, token: str | None, receiver: Receiver, ready: Callable[[], None]) -> None:
        """`ready()`: there is room to send again."""
        loop = asyncio.get_running_loop()
        self._loop, self._receiver, self._ready = loop, receiver, ready
        self._library = ClientProtocol(
            parse_uri(endpoint.subscribe_url),
            subprotocols=[Subprotocol(V3_PROTOCOL), Subprotocol(V2_PROTOCOL)],
            max_size=MESSAGE_BYTES_MAX,
            logger=_SILENT,
        )
        self._token, self._idle_s = token, endpoint.idle_timeout_s
        self._fragments: list[bytes] = []
        self._early: list[bytes] | None = []
        self._transport: asyncio.Transport | None = None
        self._last_heard = loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._is_full = False
        self._is_closing = False
        self._is_ending = False
        self._error: Exception | None = None
        self.was_heard = False
        """Whether the server has said anything that was understood."""
        self.opened: asyncio.Future[bool] = loop.create_future()
        """Whether the server speaks v3; Refusal when it does not take the connection."""
        self.closed: asyncio.Future[tuple[str, Exception | None]] = loop.create_future()
        """Why the connection ended, and the receiver's own exception when it was that."""

    # -- asyncio's side -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is there: ask for the upgrade."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one by shape only
        self._transport.set_write_buffer_limits(WRITE_BACKLOG_BYTES)
        request = self._library.connect()
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token}"
        self._library.send_request(request)
        self._flush()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._last_heard = self._loop.time()
        self._library.receive_data(data)
        self._events()

    def eof_received(self) -> None:
        """The server sends nothing more."""
        self._library.receive_eof()
        self._events()

    def connection_lost(self, exc: Exception | None) -> None:
        """TCP has ended."""
        if self._timer is not None:
            self._timer.cancel()
        why = self._why(exc)
        self._end_handshake(ConnectionResetError(why))
        if not self.closed.done():
            self.closed.set_result((why, self._error))

    def pause_writing(self) -> None:
        """The server takes less than is sent."""
        self._is_full = True

    def resume_writing(self) -> None:
        """There is room again."""
        self._is_full = False
        self._ready()

    # -- our side -------------------------------------------------------------------------------------------------

    @property
    def can_send(self) -> bool:
        """Whether `send` has somewhere to put a frame."""
        return self._library.state is State.OPEN and not self._is_full

    def start(self) -> None:
        """Give the receiver what comes from now on, and first what has come already."""
        early, self._early = self._early or [], None
        for message in early:
            self._give(message)

    def send(self, frames: list[bytes]) -> None:
        """Send frames, one message each."""
        for frame in frames:
            self._library.send_binary(frame)
        self._flush()

    def close(self) -> None:
        """Say good-bye, and cut TCP when the server does not answer in CLOSE_S."""
        self._is_closing = True
        if self._library.state is State.OPEN:
            self._library.send_close(1000)
            self._flush()
        self._abort_after(CLOSE_S if self._library.state is State.CLOSING else 0)

    def fail(self, error: Exception) -> None:
        """Cut TCP because of what came by it."""
        self._error = error
        self.abort()

    def abort(self) -> None:
        """Cut TCP."""
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Leave what the server sends to TCP until `resume`."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        self._last_heard = self._loop.time()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _events(self) -> None:
        for event in self._library.events_received():
            if isinstance(event, Response):
                self._answered(event)
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()
        if self._library.state in (State.CLOSING, State.CLOSED) or self._library.close_expected():
            self._abort_after(CLOSE_S)

    def _answered(self, response: Response) -> None:
        error = self._library.handshake_exc
        if isinstance(error, InvalidStatus):
            self._end_handshake(Refusal(response.status_code, bytes(response.body).decode(errors="replace")))
        elif error is not None:
            self._end_handshake(Refusal(0, str(error)))
        elif not self.opened.done():
            self.opened.set_result(self._library.subprotocol != V2_PROTOCOL and bool(self._library.subprotocol))

    def _end_handshake(self, error: Exception) -> None:
        """Tell whoever waits for the handshake, if anybody still does."""
        if not self.opened.done():
            self.opened.set_exception(error)
            self.opened.exception()  # seen: the keeper may have been cancelled before it asked

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.BINARY and frame.fin:
            self._give(bytes(frame.data))
        elif frame.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            self._fragments.append(bytes(frame.data))
            if frame.fin:
                fragments, self._fragments = self._fragments, []
                self._give(b"".join(fragments))

    def _give(self, message: bytes) -> None:
        if self._error is not None or self._is_closing:
            return
        if self._early is not None:
            self._early.append(message)
            return
        try:
            self._receiver.frame(message)
        except Exception as error:
            self.fail(error)
        else:
            self.was_heard = True

    def _flush(self) -> None:
        assert self._transport is not None, "only after connection_made"
        if self._transport.is_closing():
            return
        for data in self._library.data_to_send():
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()

    def _watch(self) -> None:
        """Ask after a server that is silent, and cut the connection when it stays so."""
        silent_s = self._loop.time() - self._last_heard
        if self._transport is not None and not self._transport.is_reading():
            silent_s = 0.0  # it is we who do not read
        if silent_s >= self._idle_s:
            self._error = TimeoutError(f"nothing was heard of the server for {self._idle_s:g} s")
            self.abort()
            return
        if silent_s >= self._idle_s / 2 and self._library.state is State.OPEN:
            self._library.send_ping(b"")
            self._flush()
        self._timer = self._loop.call_later(self._idle_s / 4, self._watch)

    def _abort_after(self, delay_s: float) -> None:
        """Cut TCP in a while, in place of watching; what the server still sends does not put it off."""
        if not self._is_ending:
            self._is_ending = True
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_later(delay_s, self.abort)

    def _why(self, exc: Exception | None) -> str:
        if self._error is not None:
            return str(self._error)
        closed = self._library.close_rcvd
        if closed is not None:
            return f"the server closed it: {closed.code} {closed.reason}".rstrip()
        return f"the socket broke: {exc}" if exc is not None else "the socket was closed without a word"

"""A TCP proxy between a client and a server that does what networks do: drop, fall silent, dawdle, cut, garble.

with faulty_proxy(server.url) as proxy:
    ... connect to proxy.url ...
    proxy.drop()

It runs in a thread with an event loop of its own, so that it serves blocking and asyncio tests alike. A command has
happened when its method returns. What comes from the server is cut into WebSocket frames after the HTTP head, so that
a fault can sit between two of them, or inside one.
"""

import asyncio
import contextlib
import enum
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
WAIT_S = 60.0
_READ_BYTES = 65_536
Edit = Callable[[bytes], bytes]
"""What becomes of one frame of the server, header included; empty: it is swallowed."""


class Accepting(enum.Enum):
    """What happens to new connections."""

    PASS = "pass"
    REFUSE = "refuse"
    """They are reset at once, as by a machine without a server."""
    FREEZE = "freeze"
    """They open, and nothing ever comes."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the server's bytes reach the client: in pieces of so many bytes, so many seconds apart."""

    piece_bytes: int = 1 << 30
    pause_s: float = 0.0


@dataclass(eq=False)
class _Link:
    """One connection through the proxy."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    is_flowing: asyncio.Event = field(default_factory=asyncio.Event)
    is_upgraded: bool = False
    bytes_left: int | None = None

    def abort(self) -> None:
        for writer in (self.near, self.far):
            if writer is not None:
                writer.transport.abort()


class FaultyProxy:
    """The face for tests. `accepted`: connections so far; `frames`: frames that the clients were sent so far."""

    def __init__(self, target_url: str) -> None:
        self.accepted = self.frames = 0
        self.accepting, self.pace = Accepting.PASS, Pace()
        self.edit: Edit | None = None
        self._target = target_url
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty proxy", daemon=True)
        self._thread.start()
        self._server = self._do(self._listen())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    # --- faults

    def drop(self) -> None:
        """Reset every open connection, both ways."""
        self._do(self._each(_Link.abort))

    def freeze(self) -> None:
        """Let nothing more through the open connections, for good: half-open, nobody is told."""
        self._do(self._each(lambda link: link.is_flowing.clear()))

    def thaw(self) -> None:
        """Let frozen connections flow again; nothing was lost, as when a cable is back in time."""
        self._do(self._each(lambda link: link.is_flowing.set()))

    def cut_after(self, byte_count: int) -> None:
        """Reset each open connection after so many more bytes from the server, most likely within a frame."""
        self._do(self._each(lambda link: setattr(link, "bytes_left", byte_count)))

    def inject(self, data: bytes) -> None:
        """Send every client these bytes between two frames of the server's."""
        self._do(self._each(lambda link: link.near.write(data)))

    def retarget(self, target_url: str) -> None:
        """Lead new connections to another server: the same one after a restart."""
        self._target = target_url

    # --- waiting

    def wait_for(self, condition: Callable[["FaultyProxy"], bool], what: str) -> None:
        """Wait until something is true of the counters."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), WAIT_S), f"{what} did not come"

    @property
    def open_count(self) -> int:
        """Connections that are open now."""
        return len(self._links)

    def close(self) -> None:
        """End everything."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    # --- on the loop

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _each(self, action: Callable[[_Link], object]) -> None:
        for link in tuple(self._links):
            action(link)

    async def _end(self) -> None:
        """End all; connections that the loop is still accepting are reset when they come."""
        self.accepting = Accepting.REFUSE
        self._server.close()
        await self._each(_Link.abort)
        for task in tuple(self._tasks):
            task.cancel()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # what was reset last is closed in the loop's next turn

    def _note(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = _Link(writer)
        self.accepted += 1
        if self.accepting is Accepting.REFUSE:
            link.abort()
        else:
            self._links.add(link)
            task = self._loop.create_task(self._carry(link, reader))
            self._tasks.add(task)
            task.add_done_callback(lambda task: self._ended(link, task))
        self._note()

    def _ended(self, link: _Link, task: "asyncio.Task[None]") -> None:
        """Also of a task that was cancelled before its first step, which a `finally` in it would miss."""
        link.abort()
        self._links.discard(link)
        self._tasks.discard(task)
        self._note()

    async def _carry(self, link: _Link, near: asyncio.StreamReader) -> None:
        try:
            if self.accepting is Accepting.PASS:
                link.is_flowing.set()
            await link.is_flowing.wait()
            parts = urlsplit(self._target)
            far, link.far = await asyncio.open_connection(parts.hostname, parts.port)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._up(link, near, link.far))
                pumps.create_task(self._down(link, far))
        except* (OSError, EOFError):
            pass

    async def _up(self, link: _Link, near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        while data := await near.read(_READ_BYTES):
            await link.is_flowing.wait()
            far.write(data)
            await far.drain()
        await link.is_flowing.wait()
        raise ConnectionResetError

    async def _down(self, link: _Link, far: asyncio.StreamReader) -> None:
        head = await far.readuntil(b"\r\n\r\n")
        link.is_upgraded = head.startswith(b"HTTP/1.1 101")
        await self._send(link, head)
        while data := await (_frame(far) if link.is_upgraded else far.read(_READ_BYTES)):
            await self._send(link, self.edit(data) if self.edit and link.is_upgraded else data)
            self.frames += link.is_upgraded
            self._note()
        link.near.close()
        await link.near.wait_closed()
        raise ConnectionResetError

    async def _send(self, link: _Link, data: bytes) -> None:
        pace = self.pace
        for start in range(0, len(data), pace.piece_bytes):
            piece = data[start : start + pace.piece_bytes]
            await link.is_flowing.wait()
            if link.bytes_left is not None:
                piece, link.bytes_left = piece[: link.bytes_left], link.bytes_left - len(piece)
            link.near.write(piece)
            await link.near.drain()
            if link.bytes_left is not None and link.bytes_left <= 0:
                raise ConnectionResetError
            if pace.pause_s:
                await asyncio.sleep(pace.pause_s)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """One frame of the server's (never masked), header included; empty at the end."""
    try:
        head = await reader.readexactly(2)
        more = {126: 2, 127: 8}.get(head[1], 0)
        length = await reader.readexactly(more)
        size = int.from_bytes(length, "big") if more else head[1]
        return head + length + await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        return error.partial


@contextlib.contextmanager
def faulty_proxy(target_url: str) -> Iterator[FaultyProxy]:
    """A proxy in front of the server at `target_url`."""
    proxy = FaultyProxy(target_url)
    try:
        yield proxy
    finally:
        proxy.close()

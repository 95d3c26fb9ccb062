"""Keeps one connection: opens a socket, waits for its end, backs off, opens the next, until told to stop."""

import asyncio
import random
import ssl
from typing import Protocol

from stdbctl.client.endpoint import Backoff, Endpoint
from stdbctl.client.errors import NoSuchDatabase, NotAllowed, ServerNotReachable, TokenRefused
from stdbctl.client.link import Link, Refusal
from stdbctl.client.schema_request import SchemaCheck
from stdbctl.client.sdk_errors import ConnectFailed, ConnectionLost, IdentityChanged, SchemaMismatch
from stdbctl.errors import StdbctlError


class Port(Protocol):
    """The face, as its keeper sees it. All methods are called on the keeper's loop."""

    @property
    def token(self) -> str | None:
        """What the server is shown; the face keeps the one that the server gave."""

    def opened(self, link: Link, *, is_batched: bool) -> None:
        """A socket is open; its frames follow."""

    def frame(self, frame: bytes) -> None:
        """A frame came."""

    def lost(self, why: str, error: Exception | None) -> None:
        """The socket is gone, and another one will be tried."""

    def ended(self, error: StdbctlError) -> None:
        """There will be no more sockets."""

    def ready(self) -> None:
        """The socket has room again."""


ENDS_FOR_GOOD = (SchemaMismatch, IdentityChanged, TokenRefused)
"""What no other socket would change. A server that ends or starts may answer anything else for a while."""


class Keeper:
    """One connection's sockets, one at a time."""

    def __init__(
        self,
        endpoint: Endpoint,
        port: Port,
        *,
        backoff: Backoff | None,
        connect_timeout_s: float,
        check: SchemaCheck | None,
    ) -> None:
        """`check`: run beside each handshake; None: bindings are taken on trust."""
        self._endpoint, self._port, self._backoff, self._check = endpoint, port, backoff, check
        self._connect_timeout_s = connect_timeout_s
        self._chance = random.Random()
        self._link: Link | None = None

    async def run(self) -> None:
        """Until cancelled, or until the connection ends for good; the socket is closed when this returns."""
        try:
            await self._run()
        except Exception as error:  # the task ends here: whoever waits for the connection must hear of it
            self._port.ended(ConnectFailed(self._endpoint.url, f"{type(error).__name__}: {error}"))
            raise
        finally:
            if self._link is not None:
                self._link.close()
                await asyncio.shield(self._link.closed)

    async def _run(self) -> None:
        attempt, was_connected = 0, False
        while True:
            error, was_heard = await self._one_socket()
            was_connected = was_connected or was_heard
            attempt = 1 if was_heard else attempt + 1
            backoff = self._backoff
            if not was_connected or backoff is None or isinstance(error, ENDS_FOR_GOOD) or backoff.is_over(attempt):
                self._port.ended(error)
                return
            await asyncio.sleep(backoff.delay_s(attempt, self._chance))

    async def _one_socket(self) -> tuple[StdbctlError, bool]:
        """From the first byte to the last: why it ended, and whether the server had said anything on it."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                link, is_batched = await self._open()
        except (Refusal, OSError, TimeoutError) as failure:
            return _fault(failure, self._endpoint), False
        except SchemaMismatch as mismatch:
            return mismatch, False
        self._port.opened(link, is_batched=is_batched)
        link.start()
        why, error = await asyncio.shield(link.closed)
        self._link = None
        self._port.lost(why, error)
        if isinstance(error, StdbctlError):
            return error, link.was_heard
        return ConnectionLost("the connection was lost", why), link.was_heard

    async def _open(self) -> tuple[Link, bool]:
        host, port = self._endpoint.address
        context = ssl.create_default_context() if self._endpoint.is_secure else None
        link = Link(self._endpoint, self._port.token, self._port, self._port.ready)
        check = asyncio.ensure_future(_nothing() if self._check is None else self._check.run())
        try:
            await asyncio.get_running_loop().create_connection(lambda: link, host, port, ssl=context)
            is_batched = await link.opened
            await check
        except BaseException:
            link.abort()
            check.cancel()
            await asyncio.gather(check, return_exceptions=True)
            raise
        self._link = link
        return link, is_batched


async def _nothing() -> None:
    """No check is wanted."""


def _fault(failure: Exception, endpoint: Endpoint) -> StdbctlError:
    """What a handshake that failed means."""
    if not isinstance(failure, Refusal):
        took = "it took too long" if isinstance(failure, TimeoutError) and not failure.args else str(failure)
        return ServerNotReachable(endpoint.url, took)
    status, text = failure.status, failure.text.strip()
    match status:
        case 401:
            return TokenRefused(status, text)
        case 403:
            return NotAllowed(status, text)
        case 404:
            return NoSuchDatabase(status, text, endpoint.database)
    return ConnectFailed(endpoint.url, f"HTTP status {status}: {text}" if status else text)

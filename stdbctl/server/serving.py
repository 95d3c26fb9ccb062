"""uvicorn with our WebSocket class, our application and our end: a context that serves while it is entered."""

import asyncio
import contextlib
import functools
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import uvicorn

from stdbctl.server import limits
from stdbctl.server.app import make_app
from stdbctl.server.handshake import SubscribeDoor
from stdbctl.server.http_protocol import HttpProtocol
from stdbctl.server.site import Site
from stdbctl.server.websocket import WebSocket

_GOODBYE = "server is shutting down"


class _Uvicorn(uvicorn.Server):
    """uvicorn, told to end by us alone; `ready` is set once it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals to whoever runs it."""
        yield


class Serving:
    """One site on some sockets. Leaving the context closes clients with 1001, commits, and closes the databases."""

    def __init__(self, site: Site, sockets: Sequence[socket.socket]) -> None:
        self._site, self._sockets = site, list(sockets)
        websocket: Any = functools.partial(
            WebSocket, SubscribeDoor(site)
        )  # Any: uvicorn wants classes, and only calls them
        http: Any = functools.partial(HttpProtocol, site.options.request_s)
        config = uvicorn.Config(
            make_app(site),
            http=http,
            ws=websocket,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,  # request lines carry tokens
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=limits.SHUTDOWN_S,
        )
        self._server = _Uvicorn(config)
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def end(self) -> None:
        """Let `ended` return."""
        self._over.set()

    async def ended(self) -> None:
        """Wait for `end`."""
        await self._over.wait()

    async def __aenter__(self) -> "Serving":
        self._task = asyncio.create_task(self._server.serve(self._sockets))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait((self._task, ready), return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            ready.cancel()
            self._task.result()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        try:
            await self._site.databases.close(_GOODBYE)
        finally:
            self._server.should_exit = True
            await self._task

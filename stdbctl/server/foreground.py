"""The server in this very process, without a supervisor and without limits of time: for debugging modules."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stdbctl.server.options import ServerOptions

if TYPE_CHECKING:
    import asyncio

    from stdbctl.server.serving import Serving

NO_LIMIT_S = 1e8
"""Three years: a timer takes it, and nobody waits for it."""


class ForegroundServer:
    """One server on the calling thread. A call may sit at a debugger's prompt: nothing else is served meanwhile."""

    def __init__(self, options: ServerOptions, sockets: Sequence[socket.socket]) -> None:
        self._options = replace(options, call_limit_s=NO_LIMIT_S, idle_s=NO_LIMIT_S)
        self._sockets = list(sockets)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: Serving | None = None

    def run(self, on_ready: Callable[[str], None]) -> None:
        """Serve until `end`; `on_ready(url)` is called once, when requests are answered."""
        import asyncio

        with asyncio.Runner() as runner:
            runner.run(self._serve(on_ready))

    def end(self) -> None:
        """Let `run` return, with everything stored; from any thread."""
        loop, serving = self._loop, self._serving
        if loop is not None and serving is not None and not loop.is_closed():
            loop.call_soon_threadsafe(serving.end)

    async def _serve(self, on_ready: Callable[[str], None]) -> None:
        import asyncio

        from stdbctl.server.guard import RunawayGuard
        from stdbctl.server.opening import open_site
        from stdbctl.server.process import announced, url_of
        from stdbctl.server.serving import Serving

        site = await open_site(self._options, RunawayGuard(self._options.call_limit_s))
        self._loop, self._serving = asyncio.get_running_loop(), Serving(site, self._sockets)
        async with self._serving:
            url = url_of(self._sockets)
            with announced(self._options, url):
                on_ready(url)
                await self._serving.ended()

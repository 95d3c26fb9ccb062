"""Where faults are played: a server with the lab's module behind a faulty proxy, and clients on it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from tests.client.lab.bindings import DbConnection
from tests.client.lab.witness import QUICK, Troubles, Witness
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.server import RunningServer, serving

LAB = Path(__file__).parent
EVERYTHING = ("SELECT * FROM item", "SELECT * FROM mark", "SELECT * FROM flash")


@contextmanager
def lab_server(folder: Path, **options: object) -> Iterator[RunningServer]:
    """A server on which the module runs as `lab`."""
    with serving(folder, **options) as server:
        assert server.publish("lab", LAB).status_code == 200
        yield server


class Stage:
    """A server, a proxy before it, and what tests do there again and again."""

    def __init__(self, server: RunningServer, proxy: FaultyProxy) -> None:
        self.server, self.proxy = server, proxy

    def change(self, *steps: int) -> None:
        """Change rows past the proxy, as somebody else does."""
        answer = self.server.call("lab", "change", list(steps), False)
        assert answer.status_code == 200, answer.text

    @asynccontextmanager
    async def client(self, *queries: str, **options: Any) -> AsyncIterator[tuple[DbConnection, Witness, Troubles]]:
        """A client through the proxy, subscribed to everything unless told otherwise; leaves nothing behind."""
        troubles = Troubles()
        options = {"reconnect": QUICK, "on_error": troubles, **options}
        before = asyncio.all_tasks()
        async with DbConnection.connect(self.proxy.url, "lab", **options) as conn:
            witness = Witness(conn)
            await conn.subscribe(*(queries or EVERYTHING))
            yield conn, witness, troubles
        assert asyncio.all_tasks() == before, "a closed connection leaves no task"


@contextmanager
def stage(server: RunningServer) -> Iterator[Stage]:
    """A proxy of one's own before the server, whose tables are empty."""
    assert server.call("lab", "clear").status_code == 200
    with faulty_proxy(server.url) as proxy:
        yield Stage(server, proxy)

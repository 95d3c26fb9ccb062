"""The process that serves: the supervisor starts it with one argument of JSON; SIGTERM or the supervisor's end ends it.

    {"options": …, "sockets": [fd…], "ready": fd, "life": fd, "page": fd, "culprit": … (see `culprit`) | null,
     "blocked": [those that are run no more…]}

`ready` gets one line `{"url", "pid"}` when requests are answered; end-of-file on `life`: the supervisor is gone.
"""

import asyncio
import contextlib
import ctypes
import faulthandler
import gc
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from stdbctl.errors import StdbctlError
from stdbctl.server.culprit import Culprit
from stdbctl.server.files import write_whole
from stdbctl.server.guard import RunawayGuard, WatchPage
from stdbctl.server.memory import calm_collector, limit_memory
from stdbctl.server.opening import open_site
from stdbctl.server.options import ServerOptions
from stdbctl.server.serving import Serving

try:
    import uvloop
except ImportError:  # no wheel for this system
    _LOOP = asyncio.new_event_loop
else:
    _LOOP = uvloop.new_event_loop

_PR_SET_PDEATHSIG = 1
COULD_NOT = 2


@dataclass(frozen=True, slots=True)
class Orders:
    """The supervisor's message. File descriptors are inherited."""

    options: ServerOptions
    sockets: tuple[int, ...]
    ready: int
    life: int
    page: int
    culprit: Culprit | None
    blocked: tuple[Culprit, ...]

    @classmethod
    def from_json(cls, text: str) -> "Orders":
        """Read what the supervisor wrote."""
        data = json.loads(text)
        return cls(
            options=ServerOptions.from_json(data["options"]),
            sockets=tuple(data["sockets"]),
            ready=data["ready"],
            life=data["life"],
            page=data["page"],
            culprit=None if data["culprit"] is None else Culprit.from_json(data["culprit"]),
            blocked=tuple(map(Culprit.from_json, data["blocked"])),
        )


def main(text: str) -> int:
    """Serve until told to end; the exit status."""
    orders = Orders.from_json(text)
    faulthandler.enable()
    logging.basicConfig(format="stdbctl: %(message)s", level=logging.WARNING)
    _end_with_parent()
    _allow_many_files()
    limit_memory(orders.options.memory_limit_mb)
    try:
        with asyncio.Runner(loop_factory=_LOOP) as runner:
            runner.run(_serve(orders))
    except (StdbctlError, OSError) as error:
        print(f"stdbctl: {error}", file=sys.stderr)
        return COULD_NOT
    return 0


async def _serve(orders: Orders) -> None:
    options = orders.options
    guard = RunawayGuard(options.call_limit_s, WatchPage(orders.page))
    gc.collect()
    site = await open_site(options, guard, orders.blocked)
    calm_collector()
    guard.keep_watch(asyncio.get_running_loop().call_later)
    if orders.culprit is not None:
        site.databases.blame(orders.culprit, orders.blocked)
    sockets = [socket.socket(fileno=fd) for fd in orders.sockets]
    serving = Serving(site, sockets)
    _end_on_signals(serving, orders.life)
    url = url_of(sockets)
    async with serving:
        with announced(options, url):
            os.write(orders.ready, f"{json.dumps({'url': url, 'pid': os.getpid()})}\n".encode())
            os.close(orders.ready)
            await serving.ended()


def _end_on_signals(serving: Serving, life: int) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, serving.end)

    def parent_is_gone() -> None:
        loop.remove_reader(life)
        serving.end()

    loop.add_reader(life, parent_is_gone)


def url_of(sockets: list[socket.socket]) -> str:
    """The address to give to clients on this machine."""
    host, port = sockets[0].getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def announced(options: ServerOptions, url: str) -> Iterator[None]:
    """Tell other programs where the server is, while it serves."""
    file = options.server_file
    if file is None:
        yield
        return
    data_dir = None if options.data_dir is None else str(options.data_dir)
    write_whole(file, json.dumps({"url": url, "pid": os.getpid(), "data_dir": data_dir}) + "\n")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _end_with_parent() -> None:
    """On Linux, have the kernel tell this process when its parent dies, even while a call keeps the loop busy."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _allow_many_files() -> None:
    """Each client is a file; the usual soft limit of 1,024 is meant for programs that use `select`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS refuses "unlimited"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

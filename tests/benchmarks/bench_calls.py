"""Durable one-row calls per second, 8 connections, as a ratio to the bare echo of a `websockets` server in one run.

    python -m tests.benchmarks.bench_calls [seconds]

The generator needs a processor of its own, and other programs disturb the rates: the processor time that the
server used per call tells more on a busy machine.
"""

import asyncio
import contextlib
import multiprocessing
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.figures import Figure, compared, processor_seconds, show
from tests.benchmarks.pipelines import Count, first_frame, frame, pipelined, upgraded
from tests.support.server import V2, V3, RunningServer, call_reducer, serving

CONNECTIONS = 8
IN_FLIGHT = 128
BATCH = 32
SECONDS = 5.0
ROUNDS = 3
RESULT_BYTES = 22
"""A ReducerResult that brings no rows."""
BOARD = Path(__file__).parent / "board"
CALL = call_reducer(1, "add", struct.pack("<ff", 1.5, 2.5))


def echo_process(pipe: "Connection[int, None]") -> None:
    """The bare server: what it gets it sends."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    async def echo(client: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in client:
                await client.send(message)

    async def run() -> None:
        async with serve(echo, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.get_running_loop().create_future()

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


class Run(NamedTuple):
    """`rate`: calls per second. `micros`: processor time of the server per call."""

    rate: float
    micros: float


def run(pid: int, sockets: list[socket.socket], request: bytes, count: Count, seconds: float) -> Run:
    """Keep the sockets busy for so long, then close them."""
    used = processor_seconds(pid)
    rate = pipelined(sockets, request, IN_FLIGHT, count, seconds)
    used = processor_seconds(pid) - used
    for tcp in sockets:
        tcp.close()
    return Run(rate, used / (rate * seconds) * 1e6)


@contextlib.contextmanager
def bare_echo_server() -> Iterator[tuple[str, int]]:
    """The bare server in a process of its own: its URL and pid."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=echo_process, args=(theirs,), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield f"http://127.0.0.1:{ours.recv()}/", process.pid
    finally:
        process.kill()
        process.join()


def bare_echo(seconds: float) -> Run:
    """Frames as long as one call, back and forth."""
    with bare_echo_server() as (url, pid):
        sockets = [upgraded(url) for _ in range(CONNECTIONS)]
        return run(pid, sockets, frame(CALL), lambda _: 1, seconds)


def calls(server: RunningServer, protocol: str, calls_per_frame: int, seconds: float) -> Run:
    """Calls that are answered once they are on disk."""
    url = f"{server.url}/v1/database/board/subscribe"
    sockets = [upgraded(url, protocol) for _ in range(CONNECTIONS)]
    for tcp in sockets:
        first_frame(tcp)

    def count(payload_bytes: int) -> int:
        return calls_per_frame if payload_bytes < 0 else (payload_bytes - 1) // RESULT_BYTES

    return run(server.pid, sockets, frame(CALL * calls_per_frame), count, seconds)


def served(protocol: str, calls_per_frame: int, seconds: float) -> Run:
    """The same on a new server: one whose tables are large already is slower."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        assert server.publish("board", BOARD).status_code == 200
        return calls(server, protocol, calls_per_frame, seconds)


def measure(seconds: float = SECONDS) -> tuple[list[Figure], list[Figure]]:
    """Calls per second, and processor time per call, each beside the bare echo; in turns, so that noise hits all."""
    names = (
        "bare echo of a websockets server",
        "durable calls, v2, one a frame",
        f"durable calls, v3, {BATCH} a frame",
    )
    rounds: list[tuple[Run, Run, Run]] = []
    for _ in range(ROUNDS):
        rounds.append((bare_echo(seconds), served(V2, 1, seconds), served(V3, BATCH, seconds)))
    columns = dict(zip(names, zip(*rounds, strict=True), strict=True))
    rates = {name: [each.rate for each in runs] for name, runs in columns.items()}
    costs = {name: [each.micros for each in runs] for name, runs in columns.items()}
    return compared("calls/s", "bare echo", rates), compared("µs CPU/call", "bare echo", costs)


def main(seconds: float) -> None:
    """Measure and print."""
    rates, costs = measure(seconds)
    show("One-row calls, 8 connections", (*rates, *costs))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

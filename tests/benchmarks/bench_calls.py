"""Durable one-row calls per second, 8 connections, as a ratio to the bare echo of a `websockets` server in one run.

python -m tests.benchmarks.bench_calls [seconds]
"""

import asyncio
import multiprocessing
import struct
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.pipelines import first_frame, frame, pipelined, upgraded
from tests.support.server import V2, V3, RunningServer, call_reducer, serving

CONNECTIONS = 8
IN_FLIGHT = 128
BATCH = 32
SECONDS = 5.0
RESULT_BYTES = 22
"""A ReducerResult that brings no rows."""
BOARD = Path(__file__).parent / "board"
CALL = call_reducer(1, "add", struct.pack("<ff", 1.5, 2.5))


def echo_process(pipe: "Connection[int, None]") -> None:
    """The bare server: what it gets it sends."""
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(client: ServerConnection) -> None:
        async for message in client:
            await client.send(message)

    async def run() -> None:
        async with serve(echo, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.get_running_loop().create_future()

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def bare_echo(seconds: float) -> float:
    """Echoes per second of frames as long as one call."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=echo_process, args=(theirs,), daemon=True)
    process.start()
    try:
        port = ours.recv()
        sockets = [upgraded(f"http://127.0.0.1:{port}/") for _ in range(CONNECTIONS)]
        rate = pipelined(sockets, frame(CALL), IN_FLIGHT, lambda _: 1, seconds)
        for tcp in sockets:
            tcp.close()
        return rate
    finally:
        process.kill()
        process.join()


def calls(server: RunningServer, protocol: str, calls_per_frame: int, seconds: float) -> float:
    """Answered calls per second."""
    url = f"{server.url}/v1/database/board/subscribe"
    sockets = [upgraded(url, protocol) for _ in range(CONNECTIONS)]
    for tcp in sockets:
        first_frame(tcp)

    def count(payload_bytes: int) -> int:
        return calls_per_frame if payload_bytes < 0 else (payload_bytes - 1) // RESULT_BYTES

    rate = pipelined(sockets, frame(CALL * calls_per_frame), IN_FLIGHT, count, seconds)
    for tcp in sockets:
        tcp.close()
    return rate


def main(seconds: float) -> None:
    """Measure and print."""
    echo = bare_echo(seconds)
    print(f"bare echo of a websockets server      {echo:>10,.0f} frames/s")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        assert server.publish("board", BOARD).status_code == 200
        for name, protocol, batch in (("v2, one call a frame", V2, 1), (f"v3, {BATCH} calls a frame", V3, BATCH)):
            rate = calls(server, protocol, batch, seconds)
            print(f"durable calls, {name:<22} {rate:>10,.0f} calls/s   {rate / echo:.2f} of bare echo")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

"""Calls of one pipelining Python client, beside the echo of a bare `websockets` client and the npm client in one run.

    python -m tests.benchmarks.client_calls [seconds]

Each keeps 128 requests in flight on one connection. The bare client sends and receives frames as long as a call and
does nothing else; ours has 128 tasks that each await one call after the other, and so has the npm client. The server
is a process of its own in all cases; ours keeps rows in memory. Processor time is the client's alone.
"""

import asyncio
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple  # Any: bindings that are made at run time

from websockets.asyncio.client import connect

from stdbctl.codegen import generate_python
from stdbctl.module import load_package
from tests.benchmarks.bench_calls import CALL, echo_process
from tests.benchmarks.client_speed import BOARD, NODE, Stage, staged
from tests.benchmarks.figures import Figure, compared, show
from tests.codegen.python.importing import imported

IN_FLIGHT = 128
SECONDS = 5.0
ROUNDS = 5


class Run(NamedTuple):
    """`rate`: answers per second. `micros`: processor time of the client per answer."""

    rate: float
    micros: float


async def timed(ask: Callable[[float], Coroutine[Any, Any, int]], seconds: float) -> Run:
    """Have `ask(end)` work until `end`; it gives the number of answers."""
    cpu, began = time.process_time(), time.perf_counter()
    answers = await ask(began + seconds)
    return Run(answers / (time.perf_counter() - began), (time.process_time() - cpu) / answers * 1e6)


async def bare_echo(port: int, seconds: float) -> Run:
    """A `websockets` client that sends one frame for each that comes."""
    async with connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None, ping_interval=None) as socket:

        async def ask(end: float) -> int:
            answers = 0
            for _ in range(IN_FLIGHT):
                await socket.send(CALL)
            while time.perf_counter() < end:
                await socket.recv()
                await socket.send(CALL)
                answers += 1
            for _ in range(IN_FLIGHT):
                await socket.recv()
            return answers + IN_FLIGHT

        return await timed(ask, seconds)


async def python_calls(package: Any, url: str, seconds: float) -> Run:
    """Our client: tasks that await calls."""
    async with package.DbConnection.connect(url, "board") as conn:

        async def ask(end: float) -> int:
            return sum(await asyncio.gather(*(caller(end) for _ in range(IN_FLIGHT))))

        async def caller(end: float) -> int:
            answers = 0
            while time.perf_counter() < end:
                await conn.reducers.add(x=1.5, y=2.5)
                answers += 1
            return answers

        return await timed(ask, seconds)


def npm_calls(stage: Stage, seconds: float) -> Run:
    """The npm client: as many promises, awaited one after the other."""
    command = [*stage.clients["npm client"], stage.server.url, "board", f"calls={seconds}"]
    done = subprocess.run(command, cwd=NODE, stdout=subprocess.PIPE, text=True, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])
    return Run(seen["calls"] / seen["wall"], seen["cpu"] / seen["calls"] * 1e6)


def measure(seconds: float = SECONDS, rounds: int = ROUNDS) -> tuple[list[Figure], list[Figure]]:
    """Calls per second, and the client's processor time per call, in turns."""
    loaded = load_package(BOARD / "module", BOARD)
    assert not isinstance(loaded, tuple), loaded
    ours, theirs = multiprocessing.Pipe()
    echo = multiprocessing.get_context("spawn").Process(target=echo_process, args=(theirs,), daemon=True)
    echo.start()
    try:
        port = ours.recv()
        with staged() as stage, imported(generate_python(loaded.module)) as package:
            runs = [
                (
                    asyncio.run(bare_echo(port, seconds)),
                    asyncio.run(python_calls(package, stage.server.url, seconds)),
                    npm_calls(stage, seconds),
                )
                for _ in range(rounds)
            ]
    finally:
        echo.kill()
        echo.join()
    columns = dict(zip(("bare echo", "Python client", "npm client"), zip(*runs, strict=True), strict=True))
    rates = {name: [each.rate for each in column] for name, column in columns.items()}
    costs = {name: [each.micros for each in column] for name, column in columns.items()}
    return compared("calls/s", "bare echo", rates), compared("µs CPU/call", "bare echo", costs)


def main(seconds: float) -> None:
    """Measure and print."""
    rates, costs = measure(seconds)
    show(f"One client, {IN_FLIGHT} calls in flight", (*rates, *costs))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

"""Deliveries per second for 1 writer and 1,000 subscribers, as a ratio to bare `broadcast` of `websockets` in one run.

    python -m tests.benchmarks.bench_fanout [seconds]

Both servers get the same requests and send frames of the same size; ours commits a row to disk for each.
"""

import asyncio
import multiprocessing
import resource
import selectors
import socket
import struct
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.figures import Figure, compared, show
from tests.benchmarks.pipelines import Reader, first_frame, frame, upgraded
from tests.support.server import V2, V3, call_reducer, serving, subscribe

SUBSCRIBERS = 1_000
IN_FLIGHT = 32
SECONDS = 5.0
ROUNDS = 3
BOARD = Path(__file__).parent / "board"
CALL = call_reducer(1, "add", struct.pack("<ff", 1.5, 2.5))
UPDATE_BYTES = 1 + 1 + 4 + 4 + 4 + (4 + 3) + 4 + 1 + (3 + 4 + 16) + (1 + 4 + 4)
"""TransactionUpdate with one row of 16 bytes in table `dot`, compression byte included."""


def broadcast_process(pipe: "Connection[int, None]") -> None:
    """The bare server: a message of anybody goes to everybody else as an update's worth of bytes, and is answered."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    clients: set[ServerConnection] = set()
    update = bytes(UPDATE_BYTES)

    async def handle(client: ServerConnection) -> None:
        clients.add(client)
        async for _ in client:
            clients.discard(client)
            broadcast(clients, update)
            await client.send(b"done")

    async def run() -> None:
        async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.get_running_loop().create_future()

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def deliveries(writer: socket.socket, subscribers: list[socket.socket], answer_bytes: int, seconds: float) -> float:
    """Updates per second that reach subscribers while the writer keeps its calls in flight.

    Bytes are counted, not frames: reading must cost little beside a server. Frames of one update are 2 bytes longer.
    """
    selector = selectors.DefaultSelector()
    for subscriber in (writer, *subscribers):
        selector.register(subscriber, selectors.EVENT_READ)
    request, reader = frame(CALL), Reader()
    writer.sendall(request * IN_FLIGHT)
    received, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        for key, _ in selector.select(1):
            tcp = key.fileobj
            assert isinstance(tcp, socket.socket)
            data = tcp.recv(65_536)
            if tcp is writer:
                done = sum(1 if n == answer_bytes else (n - 1) // (answer_bytes - 1) for n in reader.binary_sizes(data))
                if done:
                    writer.sendall(request * done)
            else:
                received += len(data)
    selector.close()
    return received / (UPDATE_BYTES + 2) / elapsed


def bare_broadcast(seconds: float) -> float:
    """Deliveries per second of the library alone."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=broadcast_process, args=(theirs,), daemon=True)
    process.start()
    try:
        url = f"http://127.0.0.1:{ours.recv()}/"
        sockets = [upgraded(url) for _ in range(SUBSCRIBERS + 1)]
        rate = deliveries(sockets[0], sockets[1:], 4, seconds)
        for tcp in sockets:
            tcp.close()
        return rate
    finally:
        process.kill()
        process.join()


def our_fanout(protocol: str, seconds: float) -> float:
    """Deliveries per second of durable transactions."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        assert server.publish("board", BOARD).status_code == 200
        url = f"{server.url}/v1/database/board/subscribe"
        sockets = [upgraded(url, protocol) for _ in range(SUBSCRIBERS + 1)]
        for tcp in sockets:
            first_frame(tcp)
        for tcp in sockets[1:]:
            tcp.sendall(frame(subscribe(1, 1, "SELECT * FROM dot")))
        for tcp in sockets[1:]:
            first_frame(tcp)
        sockets[0].sendall(frame(CALL))
        assert {first_frame(tcp) for tcp in sockets[1:]} == {UPDATE_BYTES}
        first_frame(sockets[0])
        rate = deliveries(sockets[0], sockets[1:], 23, seconds)
        for tcp in sockets:
            tcp.close()
        return rate


def measure(seconds: float = SECONDS) -> list[Figure]:
    """Deliveries per second beside the bare broadcast, in turns."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    samples: dict[str, list[float]] = {
        "bare broadcast of websockets": [],
        "durable calls, v2": [],
        "durable calls, v3": [],
    }
    for _ in range(ROUNDS):
        taken = bare_broadcast(seconds), our_fanout(V2, seconds), our_fanout(V3, seconds)
        for values, rate in zip(samples.values(), taken, strict=True):
            values.append(rate)
    return compared("deliveries/s", "bare broadcast", samples)


def main(seconds: float) -> None:
    """Measure and print."""
    show(f"1 writer, {SUBSCRIBERS:,} subscribers", measure(seconds))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

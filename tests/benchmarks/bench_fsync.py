"""Durable calls beside one fsync of the same disk in the same run: latency at low load, throughput at high.

    python -m tests.benchmarks.bench_fsync [seconds]

A connection sends its next call when the last one is answered; so with one connection each call is a group of its own,
and one commit and its fsync are what it waits for. With more, calls share a group.
"""

import os
import statistics
import struct
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.pipelines import first_frame, frame, pipelined, upgraded
from tests.support.server import V2, call_reducer, serving

CONNECTIONS = (1, 4, 16, 64)
SECONDS = 4.0
PAGES = 3
"""A one-row call appends so many frames to SQLite's log."""
FRAME_BYTES = 4096 + 24
BOARD = Path(__file__).parent / "board"


def fsync_micros(folder: Path, seconds: float) -> float:
    """Microseconds (median) of appending to a file what one call appends to the log, and `fdatasync`."""
    data, taken = os.urandom(PAGES * FRAME_BYTES), []
    with (folder / "synced").open("wb", buffering=0) as file:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            file.write(data)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e6)
    return statistics.median(taken)


def measure(seconds: float = SECONDS) -> list[Figure]:
    """One fsync, then calls with more and more connections."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        assert server.publish("board", BOARD).status_code == 200
        call = frame(call_reducer(1, "add", struct.pack("<ff", 1.5, 2.5)))
        fsync = fsync_micros(Path(folder), seconds)
        figures = [Figure("one append and fdatasync", fsync, "µs")]
        for connections in CONNECTIONS:
            sockets = [upgraded(f"{server.url}/v1/database/board/subscribe", V2) for _ in range(connections)]
            for tcp in sockets:
                first_frame(tcp)
            rate = pipelined(sockets, call, 1, lambda _: 1, seconds)
            for tcp in sockets:
                tcp.close()
            if connections == 1:
                figures.append(Figure("a call, 1 connection", 1e6 / rate, "µs", 1e6 / rate / fsync, "one fsync"))
            figures.append(Figure(f"calls, {connections} connections", rate, "calls/s", rate * fsync / 1e6, "fsyncs/s"))
        return figures


def main(seconds: float) -> None:
    """Measure and print."""
    show("Durable calls and the disk", measure(seconds))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)

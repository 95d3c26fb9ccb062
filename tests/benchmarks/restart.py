"""A restart with 1,000,000 rows: time to the first answered call, memory per row, the initial subscription.

    python -m tests.benchmarks.restart [rows]

The yardstick is a Python process that reads the same values with `sqlite3` from a plain table, one column each, into a
list of tuples, and does nothing else: what it holds per row are "the values", and every server in Python needs them.
"""

import contextlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, processor_seconds, show
from tests.benchmarks.many_rows import DATABASE, ROWS, points, resident_bytes
from tests.support.server import V2, RunningServer, start, subscribe

ROUNDS = 5


def main() -> None:
    """Measure and print."""
    show("Restart", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))


def measure(rows: int = ROWS) -> list[Figure]:
    """Restarts and readings of the plain table, in turns."""
    with points(rows) as (filled, folder), tempfile.TemporaryDirectory() as name:
        filled_bytes, file = resident_bytes(filled.pid), Path(name) / "plain.sqlite3"
        write_plain(file, rows)
        empty_bytes = resident_of_empty(folder.parent)
        filled.stop()
        samples = [(read_plain(file), restart(folder)) for _ in range(ROUNDS)]
    plain_s, plain_row = (statistics.median(each[0][i] for each in samples) for i in (0, 1))
    wall_s, processor_s, held_bytes, sent_s = (statistics.median(each[1][i] for each in samples) for i in range(4))
    count = f"{rows:,} rows"
    return [
        Figure(f"plain Python: start and read {count}", plain_s, "s"),
        Figure(f"server: start to first answered call, {count}", wall_s, "s", wall_s / plain_s, "plain"),
        Figure("  processor time of that", processor_s, "s", processor_s / plain_s, "plain"),
        Figure(f"server: all {count} sent to a subscriber", sent_s, "s", sent_s / plain_s, "plain"),
        Figure("plain Python: memory per row, the values", plain_row, "B"),
        *(
            Figure(f"server {when}: memory per row beyond the values", (total - empty_bytes) / rows - plain_row, "B")
            for when, total in (("restarted", held_bytes), ("that made the rows", filled_bytes))
        ),
    ]


def restart(folder: Path) -> tuple[float, float, float, float]:
    """Seconds to the first answered call, processor seconds, bytes held; seconds until a subscriber has all rows."""
    began = time.perf_counter()
    server = start(folder)
    try:
        answer = server.call(DATABASE, "fill", 1, 1)
        wall_s = time.perf_counter() - began
        assert answer.status_code == 200, answer.text
        processor_s, held_bytes = processor_seconds(server.pid), resident_bytes(server.pid)
        return wall_s, processor_s, held_bytes, subscription(server)
    finally:
        server.stop()
        assert server.process.stdout is not None
        server.process.stdout.close()


def subscription(server: RunningServer) -> float:
    """Seconds from the question to the last byte of the answer; nothing is decoded."""
    with server.connect(DATABASE, protocol=V2) as client:
        client.receive()
        began = time.perf_counter()
        client.send(subscribe(1, 1, "SELECT * FROM point"))
        client.socket.recv(300)
        return time.perf_counter() - began


def resident_of_empty(folder: Path) -> int:
    """What a server without rows holds."""
    with points(0) as (server, _):
        return resident_bytes(server.pid)


def write_plain(file: Path, rows: int) -> None:
    """The same values in a table of its own columns."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TABLE point (id INTEGER PRIMARY KEY, x REAL, y REAL, color TEXT, owner BLOB, at INTEGER)"
        )
        connection.executemany(
            "INSERT INTO point VALUES (?, ?, ?, ?, ?, ?)",
            (
                (n, n * 0.5, n * 0.25, f"#ff{n % 65536:04x}", n.to_bytes(32, "little"), n)
                for n in range(1 << 40, (1 << 40) + rows)
            ),
        )
        connection.commit()


_READER = """
import sqlite3, sys
from tests.benchmarks.many_rows import resident_bytes
before = resident_bytes()
rows = sqlite3.connect(sys.argv[1]).execute("SELECT * FROM point").fetchall()
print((resident_bytes() - before) / max(len(rows), 1))
"""


def read_plain(file: Path) -> tuple[float, float]:
    """Seconds of the whole process, bytes per row."""
    began = time.perf_counter()
    output = subprocess.run(
        (sys.executable, "-c", _READER, str(file)), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return time.perf_counter() - began, float(output)


if __name__ == "__main__":
    main()

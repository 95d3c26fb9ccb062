"""The Python client beside the npm client in Node, in turns on one server: rows of a subscription, updates, memory.

    python -m tests.benchmarks.client_speed [rows]

Each client is a new process that subscribes to the same 1,000,000 points and then hears 20,000 updates of one row
each. Processor time is that of the whole process, garbage collector threads included.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stdbctl.codegen import generate_python, generate_typescript, write_files
from stdbctl.module import load_package
from tests.benchmarks.figures import Figure, compared, show
from tests.support.server import V3, RunningServer, call_reducer, serving

BOARD = Path(__file__).parent / "client_board"
ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "tests" / "node"
ROWS = 1_000_000
UPDATES = 20_000
ROUNDS = 3
FILL = 20_000
"""Rows that one call makes; the server gives a call 10 s."""
BATCH = 32
"""Calls in one frame of the writer."""


@dataclass(frozen=True)
class Stage:
    """A server with the board, and how each client is started."""

    server: RunningServer
    bindings: Path
    npm: Path

    @property
    def clients(self) -> dict[str, tuple[str, ...]]:
        """Commands without their arguments."""
        return {
            "npm client": ("node", "--expose-gc", "--max-old-space-size=8192", str(self.npm)),
            "Python client": (sys.executable, "-m", "tests.benchmarks.client_python"),
        }

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": os.pathsep.join((str(self.bindings), str(ROOT)))}


@contextmanager
def staged() -> Iterator[Stage]:
    """Serve the board, bind both clients to it."""
    loaded = load_package(BOARD / "module", BOARD)
    assert not isinstance(loaded, tuple), loaded
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "server", in_memory=True) as server:
        folder = Path(name)
        write_files(generate_python(loaded.module), folder / "python" / "board_bindings")
        write_files(generate_typescript(loaded.module), folder / "typescript")
        assert server.publish("board", BOARD).status_code in (200, 201)
        npm = _bundle(folder)
        try:
            yield Stage(server, folder / "python", npm)
        finally:
            npm.unlink()


def _bundle(folder: Path) -> Path:
    command = [
        str(NODE / "node_modules" / ".bin" / "esbuild"),
        str(Path(__file__).parent / "client_npm.ts"),
        "--bundle",
        "--format=esm",
        "--platform=node",
        "--target=es2022",
        "--external:undici",
        f"--alias:bindings={folder / 'typescript'}",
        f"--alias:spacetimedb={NODE / 'node_modules' / 'spacetimedb'}",
        f"--outfile={NODE / 'node_modules' / '.e2e' / f'{folder.name}-client_npm.mjs'}",
    ]
    subprocess.run(command, cwd=NODE, capture_output=True, check=True)
    return Path(command[-1].partition("=")[2])


def fill(server: RunningServer, rows: int) -> None:
    """Put so many points on the board."""
    for first in range(0, rows, FILL):
        answer = server.call("board", "fill", first, min(FILL, rows - first))
        assert answer.status_code == 200, answer.text


def move(server: RunningServer, updates: int) -> None:
    """Move one point per transaction, `BATCH` transactions in flight at a time."""
    with server.connect("board", protocol=V3) as client:
        client.receive()
        for first in range(0, updates, BATCH):
            ids = range(first, min(first + BATCH, updates))
            client.send(*(call_reducer(id_, "move", struct.pack("<Qff", id_ % 1000, id_, 0.5)) for id_ in ids))
            for _ in ids:
                client.receive()


def run(stage: Stage, command: tuple[str, ...], updates: int) -> Mapping[str, float]:
    """One client from its start to its end; what it measured."""
    given = (*command, stage.server.url, "board", str(updates))
    with subprocess.Popen(given, env=stage.environment, cwd=NODE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        for line in client.stdout:
            if line == "ready\n":
                move(stage.server, updates)
            elif line.startswith("{"):
                measured: dict[str, float] = json.loads(line)
                return measured
    raise AssertionError(f"{command} ended with {client.returncode}")


def measure(rows: int = ROWS, updates: int = UPDATES, rounds: int = ROUNDS) -> list[Figure]:
    """Rates and memory, each beside the npm client's."""
    with staged() as stage:
        fill(stage.server, rows)
        runs: dict[str, list[Mapping[str, float]]] = {name: [] for name in stage.clients}
        for _ in range(rounds):
            for name, command in stage.clients.items():
                runs[name].append(run(stage, command, updates))
    return [
        *_compared(runs, "rows/s CPU", lambda seen: seen["rows"] / seen["rows_cpu"]),
        *_compared(runs, "s to applied", lambda seen: seen["rows_wall"]),
        *_compared(runs, "bytes/row", lambda seen: seen["bytes_per_row"]),
        *_compared(runs, "updates/s CPU", lambda seen: updates / seen["updates_cpu"]),
    ]


def _compared(
    runs: Mapping[str, list[Mapping[str, float]]], unit: str, read: Callable[[Mapping[str, float]], float]
) -> list[Figure]:
    return compared(unit, "npm client", {name: [read(seen) for seen in each] for name, each in runs.items()})


def main(rows: int) -> None:
    """Measure and print."""
    show(f"Clients, {rows:,} rows", measure(rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)

"""The banks that are compared: each a server of its own on an empty folder, with all accounts open."""

import contextlib
import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.benchmarks.pipelines import first_frame, upgraded
from tests.benchmarks.transfers.postgres import Missing, cluster
from tests.benchmarks.transfers.workload import ACCOUNTS, BALANCE, NODE, V2_CALLS, V3_CALLS, Dialect
from tests.support.server import V2, V3, RunningServer, serving

NODE_FOLDER = Path(__file__).parent / "node"
POOL = 16
"""Connections to PostgreSQL: more than there are processors, so that one group commit of its log serves several."""
AT_ONCE = 20_000
"""Accounts that one call opens."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A running server. `connect` gives a socket right before its first request; `pid` is the process that serves."""

    connect: Callable[[], socket.socket]
    balances: Callable[[], list[int]]
    pid: int


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of bank, and how it is spoken to; `start` is given an empty folder, and raises Missing."""

    name: str
    dialect: Dialect
    start: Callable[[Path], contextlib.AbstractContextManager[Bank]]


@contextlib.contextmanager
def stdbctl_bank(folder: Path, protocol: str) -> Iterator[Bank]:
    """Ours."""
    with serving(folder) as server:
        assert server.publish("bank", Path(__file__).parent / "bank").status_code == 200
        for first in range(0, ACCOUNTS, AT_ONCE):
            assert server.call("bank", "open_accounts", first, AT_ONCE, BALANCE).status_code == 200
        yield Bank(lambda: _connected(server, protocol), lambda: _balances(server), server.pid)


def _connected(server: RunningServer, protocol: str) -> socket.socket:
    tcp = upgraded(f"{server.url}/v1/database/bank/subscribe", protocol)
    first_frame(tcp)
    return tcp


def _balances(server: RunningServer) -> list[int]:
    rows = sorted(server.sql("bank", "SELECT id, balance FROM account"))
    return [balance for _, balance in rows]


@contextlib.contextmanager
def sqlite_bank(folder: Path, mode: str) -> Iterator[Bank]:
    """Node with better-sqlite3."""
    with _node("better-sqlite3", "sqlite.mjs", folder / "bank.sqlite3", ACCOUNTS, BALANCE, mode) as bank:
        yield bank


@contextlib.contextmanager
def postgres_bank(folder: Path, mode: str) -> Iterator[Bank]:
    """Node with PostgreSQL."""
    with cluster(folder) as sockets, _node("pg", "postgres.mjs", sockets, ACCOUNTS, BALANCE, mode, POOL) as bank:
        yield bank


@contextlib.contextmanager
def _node(package: str, script: str, *arguments: object) -> Iterator[Bank]:
    node = shutil.which("node")
    if node is None:
        raise Missing("Node.js is not installed")
    if not (NODE_FOLDER / "node_modules" / package).is_dir():
        raise Missing(f"the npm package {package} is not installed: `make bench-node`")
    words = [node, script, *map(str, arguments)]
    with subprocess.Popen(words, cwd=NODE_FOLDER, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                raise RuntimeError(f"{script} did not start")
            url = f"http://127.0.0.1:{port}/"
            yield Bank(lambda: upgraded(url), lambda: _json(url), process.pid)
        finally:
            process.kill()


def _json(url: str) -> list[int]:
    balances: list[int] = json.loads(httpx.get(url, timeout=60, trust_env=False).text)
    return balances


KINDS = (
    Kind("stdbctl, v3", V3_CALLS, lambda folder: stdbctl_bank(folder, V3)),
    Kind("stdbctl, v2", V2_CALLS, lambda folder: stdbctl_bank(folder, V2)),
    Kind("node, better-sqlite3", NODE, lambda folder: sqlite_bank(folder, "each")),
    Kind("node, better-sqlite3, grouped by hand", NODE, lambda folder: sqlite_bank(folder, "grouped")),
    Kind("node, PostgreSQL", NODE, lambda folder: postgres_bank(folder, "statements")),
    Kind("node, PostgreSQL, one function", NODE, lambda folder: postgres_bank(folder, "function")),
)

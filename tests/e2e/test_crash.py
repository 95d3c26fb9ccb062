"""`kill -9` under load, again and again: what was acknowledged is there, nothing is half, nobody is a ghost."""

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

ROUNDS = int(os.environ.get("STDBCTL_CRASH_ROUNDS", "20"))
CLIENTS = 4
PIPELINE = 32
SOURCE = Path(__file__).parent / "ledger"


def stdbctl(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "stdbctl", *arguments], cwd=project, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def server_of(project: Path) -> dict[str, object]:
    state: dict[str, object] = json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8"))
    return state


def call_frame(request_id: int, client: int, number: int) -> bytes:
    """CallReducer(request_id, flags 0, "record", args), byte by byte as docs/protocol.md says."""
    args = struct.pack("<IQ", client, number)
    return struct.pack("<BIBI6sI", 3, request_id, 0, 6, b"record", len(args)) + args


class Recorder(threading.Thread):
    """One client that keeps `PIPELINE` calls in flight and remembers every acknowledged number."""

    def __init__(
        self, url: str, client: int, first: int, ready: threading.Barrier, enough: threading.Event, target: int
    ) -> None:
        super().__init__(daemon=True)
        self.ready = ready
        self.url, self.client, self.next = url, client, first
        self.enough, self.target = enough, target
        self.acknowledged: set[int] = set()
        self.connection_id = ""

    def run(self) -> None:
        with connect(self.url, subprotocols=[Subprotocol("v2.bsatn.spacetimedb")], max_size=None) as socket:
            hello = socket.recv()
            assert isinstance(hello, bytes)
            self.connection_id = hello[34:50][::-1].hex()
            self.ready.wait(30)
            try:
                self.record(socket)
            except ConnectionClosed:
                return

    def record(self, socket: ClientConnection) -> None:
        sent: dict[int, int] = {}
        request_id = 0
        while True:
            while len(sent) < PIPELINE:
                socket.send(call_frame(request_id, self.client, self.next))
                sent[request_id] = self.next
                request_id += 1
                self.next += 1
            reply = socket.recv()
            assert isinstance(reply, bytes)
            assert reply[:2] == b"\x00\x06", reply
            (answered,) = struct.unpack_from("<I", reply, 2)
            assert reply[14] in (0, 1), reply
            self.acknowledged.add(sent.pop(answered))
            if len(self.acknowledged) >= self.target:
                self.enough.set()


def rows(url: str, query: str) -> list[list[int]]:
    request = Request(f"{url}/v1/database/ledger/sql", data=query.encode(), method="POST")
    with urlopen(request, timeout=30) as reply:
        result: list[list[int]] = json.load(reply)[0]["rows"]
    return result


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "ledger"
    shutil.copytree(SOURCE, folder)
    stdbctl(folder, "deploy", "--yes")
    yield folder
    stdbctl(folder, "stop")


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_acknowledged_calls_survive_kill_and_restart(project: Path) -> None:
    chance = random.Random(2026)
    acknowledged: dict[int, set[int]] = {client: set() for client in range(CLIENTS)}
    numbers = {client: client << 40 for client in range(CLIENTS)}
    for _ in range(ROUNDS):
        state = server_of(project)
        url = str(state["url"])
        ready, enough = threading.Barrier(CLIENTS), threading.Event()
        recorders = [
            Recorder(
                url.replace("http", "ws") + "/v1/database/ledger/subscribe?compression=None",
                client,
                numbers[client],
                ready,
                enough,
                chance.randint(1, 300),
            )
            for client in range(CLIENTS)
        ]
        for recorder in recorders:
            recorder.start()
        assert enough.wait(30), "no client got its calls acknowledged"
        os.kill(int(str(state["pid"])), signal.SIGKILL)
        for recorder in recorders:
            recorder.join(10)
            assert not recorder.is_alive()
            acknowledged[recorder.client] |= recorder.acknowledged
            numbers[recorder.client] = recorder.next
        stdbctl(project, "start", "--detach")
        check(str(server_of(project)["url"]), acknowledged, {r.connection_id for r in recorders})


def check(url: str, acknowledged: dict[int, set[int]], dead: set[str]) -> None:
    """Compare the restarted server with the clients' own books."""
    entries = rows(url, "SELECT id, client FROM entry")
    stored = {(number, client) for number, client in entries}
    assert {tuple(row) for row in rows(url, "SELECT id, client FROM mirror")} == stored
    for client, count in rows(url, "SELECT client, entries FROM total"):
        assert count == sum(owner == client for _, owner in stored)
    for client, numbers in acknowledged.items():
        assert {(number, client) for number in numbers} <= stored, "an acknowledged call is lost"
        mine = sorted(number for number, owner in stored if owner == client and number >= min(numbers, default=0))
        assert len(mine) >= len(numbers)
    online = {f"{connection[0]:032x}" for (connection,) in rows(url, "SELECT connection FROM online")}  # type: ignore[index]
    assert not online & dead, "a dead client is shown as connected"

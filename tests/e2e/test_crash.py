"""`kill -9` under load, again and again: what was acknowledged is there once, nothing is half, nobody is a ghost.

`make crash-test ROUNDS=200` runs many rounds; STDBCTL_CRASH_SEED repeats a run as far as timing allows.
"""

import os
import secrets
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from tests.e2e.crash_book import Book
from tests.e2e.crash_clients import DATABASE, HttpRecorder, Operator, Recorder, SocketRecorder
from tests.e2e.crash_processes import await_end, end, kill, kill_while_starting
from tests.support.server import RunningServer, start, wait_until

ROUNDS = int(os.environ.get("STDBCTL_CRASH_ROUNDS", "8"))
SEED = os.environ.get("STDBCTL_CRASH_SEED") or secrets.token_hex(4)
SOURCE = (Path(__file__).parent / "ledger" / "module" / "__init__.py").read_text(encoding="utf-8")
OPTIONS: dict[str, object] = {"compact_every_s": 0.05, "history_transactions": 20_000}
CLIENTS = (SocketRecorder, SocketRecorder, HttpRecorder)


class CrashTest:
    """One folder that server after server is killed over."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.book = folder, Book(len(CLIENTS))
        self.starts = self.kills_at_start = 0

    def start(self) -> RunningServer:
        self.starts += 1
        return start(self.folder, **OPTIONS)

    def round(self, chance: Random) -> None:
        """Start, check what the last life left, load, kill."""
        for _ in range(chance.choice((0, 0, 0, 1, 2))):
            self.kill_at_start(chance)
        server = self.start()
        try:
            self.book.check(server)
            self.load_and_kill(server, chance)
        finally:
            end(server)

    def kill_at_start(self, chance: Random) -> None:
        """Kill a server while it starts, or right after."""
        self.kills_at_start += 1
        kill_while_starting(self.folder, OPTIONS, 0.1 + chance.random() * 1.5)

    def load_and_kill(self, server: RunningServer, chance: Random) -> None:
        recorders: list[Recorder] = [
            kind(server, client, self.book.next_number(client), Random(chance.random()))
            for client, kind in enumerate(CLIENTS)
        ]
        operator = Operator(server, SOURCE, Random(chance.random()))
        threads: list[threading.Thread] = [*recorders, operator] if chance.random() < 0.5 else [*recorders]
        for thread in threads:
            thread.start()
        enough = chance.randint(1, 400)
        wait_until(lambda: sum(len(r.acknowledged) for r in recorders) >= enough, "enough acknowledged calls", 120)
        victims = chance.choice(([server.pid], [server.pid], [server.process.pid], [server.process.pid, server.pid]))
        for victim in victims:
            kill(victim)
        await_end(server)
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs although its server is gone"
        failures = [
            failure for failure in (*(one.failure for one in recorders), operator.failure) if failure is not None
        ]
        assert not failures, failures
        self.book.add(recorders)


@pytest.mark.skipif(sys.platform != "linux", reason="it finds the processes to kill in /proc")
@pytest.mark.timeout(120 + 30 * ROUNDS)
def test_acknowledged_calls_survive_kill_and_restart(tmp_path: Path) -> None:
    test = CrashTest(tmp_path / "server")
    server = test.start()
    try:
        answer = server.publish(DATABASE, {"module/__init__.py": SOURCE})
        assert answer.status_code == 200, answer.text
    finally:
        end(server)
    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}, STDBCTL_CRASH_SEED={SEED}: {test.book}", flush=True)
        test.round(Random(f"{SEED} {number}"))
    server = test.start()
    try:
        test.book.check(server)
    finally:
        end(server)
    print(f"{ROUNDS} rounds, {test.starts} starts, {test.kills_at_start} killed while they started: {test.book}")

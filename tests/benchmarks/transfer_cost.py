"""Where the processor time of a durable transfer goes: `python -m tests.benchmarks.transfer_cost [groups]`.

The whole way of a transfer from a frame of v3 to the frame of its answer, in one process, on one thread, and without
sockets: 25 clients of a database on disk send 40 transfers each, a group of 1,000, and each stage is timed alone.
Printed is the least of all groups, per transfer. Steady enough to compare two versions on a busy machine.
"""

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from stdbctl.protocol import decode_client_messages
from stdbctl.sats import ConnectionId, Identity
from stdbctl.server.auth import Caller
from stdbctl.server.client import Client
from stdbctl.server.deliveries import release
from stdbctl.server.guard import RunawayGuard
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.memory import calm_collector
from stdbctl.server.opening import open_site
from stdbctl.server.options import ServerOptions
from stdbctl.server.programs import place_of
from stdbctl.server.publishing import Order, publish
from tests.benchmarks.figures import Figure, show
from tests.benchmarks.transfers.workload import ACCOUNTS, BALANCE, V3_CALLS, transfers, uniform
from tests.support.server import program_of

CLIENTS = 25
DEPTH = 40
GROUPS = 100
OWNER = Identity.from_int(2)
T = TypeVar("T")


class Line:
    """A client's socket without a network: counts the answers in the frames that come."""

    def __init__(self) -> None:
        self.answers = 0

    def send(self, frames: bytes) -> None:
        """One frame of more than 125 bytes: its head takes four of them."""
        self.answers += V3_CALLS.answers(len(frames) - 4)


class Stages:
    """Processor time of this thread: stage -> seconds of each group."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, stage: str, action: Callable[[], T]) -> T:
        """Do something as a stage."""
        began = time.thread_time()
        result = action()
        self.seconds.setdefault(stage, []).append(time.thread_time() - began)
        return result


class Bank:
    """A served bank and its clients."""

    def __init__(self, hosted: HostedDatabase) -> None:
        self.hosted = hosted
        self.lines = [Line() for _ in range(CLIENTS)]
        self.clients = [self._client(number, line) for number, line in enumerate(self.lines, 1)]
        self.frames = [
            b"".join(V3_CALLS.request(number, each) for number, each in enumerate(transfers(uniform, seed)[:DEPTH]))
            for seed in range(CLIENTS)
        ]

    def _client(self, number: int, line: Any) -> Client:  # Any: the part of a socket that answers need
        caller = Caller(Identity.from_int(number + 10), "", {}, None)
        id_ = ConnectionId.from_int(number)
        client = Client(self.hosted, line, caller=caller, connection_id=id_, version=3, is_confirmed=True)
        self.hosted.database.connect(client, caller.identity, id_)
        return client

    def group(self, stages: Stages) -> None:
        """Every client sends its transfers and gets its answers."""
        database, answers = self.hosted.database, self.hosted.deliveries(self.clients[0])
        requests = stages.time("requests decoded", lambda: [decode_client_messages(f, True) for f in self.frames])
        stages.time("calls", lambda: self._handle(requests))
        requests.clear()
        commit = stages.time("history and rows packed", database.begin_commit)
        assert commit is not None
        stages.time("rows and COMMIT (second thread)", commit)
        group = answers.take()
        stages.time("records let go of", lambda: database.end_commit(None))
        stages.time("answers released", lambda: release(group))

    def _handle(self, requests: list[list[Any]]) -> None:
        database = self.hosted.database
        with self.hosted.guard.watching(place_of(database), database.interrupt, "transfer"):
            for client, calls in zip(self.clients, requests, strict=True):
                for call in calls:
                    client.handle(call)


async def opened(folder: Path) -> HostedDatabase:
    """A bank with all its accounts."""
    options = ServerOptions(data_dir=folder / "data", key_dir=folder, operator_file=folder / "operator")
    site = await open_site(options, RunawayGuard(options.call_limit_s))
    order = Order(program=program_of(Path(__file__).parent / "transfers" / "bank"), owner=OWNER, target=None)
    hosted = site.databases.find((await publish(site, order)).identity.to_hex())
    accounts = [0, ACCOUNTS, BALANCE]
    hosted.database.call_json("open_accounts", accounts, identity=OWNER, connection_id=None, client=None, is_owner=True)
    await hosted.durable()
    return hosted


async def measure(groups: int = GROUPS) -> list[Figure]:
    """Each stage, and the main thread's share of all."""
    stages = Stages()
    with tempfile.TemporaryDirectory() as folder:
        bank = Bank(await opened(Path(folder)))
        bank.hosted.database.flush()
        gc.collect()
        calm_collector()
        for _ in range(groups):
            bank.group(stages)
        assert all(line.answers == groups * DEPTH for line in bank.lines)
        await bank.hosted.close("the benchmark is over")
    micros = {stage: min(seconds) / (CLIENTS * DEPTH) * 1e6 for stage, seconds in stages.seconds.items()}
    main = sum(value for stage, value in micros.items() if "second thread" not in stage)
    figures = [Figure(stage, value, "µs CPU") for stage, value in micros.items()]
    return [*figures, Figure("main thread", main, "µs CPU"), Figure("all", sum(micros.values()), "µs CPU")]


if __name__ == "__main__":
    show("A transfer", asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else GROUPS)))

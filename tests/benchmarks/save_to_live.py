"""From the write of a file to a subscribed client seeing the new behaviour, under `stdbctl dev`: p50 and p95.

    python -m tests.benchmarks.save_to_live [saves]

A reducer stores a number that stands in its source. One client calls it without a pause, one call at a time, over a
raw WebSocket, and hears of each row. A save writes the next number; the save is live when a row with it arrives. So a
figure holds all of it: noticing the save, packing, publishing, the import, the switch, one call and its fsync.
"""

import statistics
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

from stdbctl.protocol import PersistentRows, TransactionUpdate
from tests.dev.driving import Dev, developing, make_project
from tests.support.server import V2, RawClient, RunningServer, call_reducer, subscribe

SAVES = 100
PAUSE_S = 0.15
"""Between two saves, so that each is one: a person is slower."""
SOURCE = '''"""One number."""

from stdbctl.module import PrimaryKey, ReducerContext, reducer, table, u32, u64


@table(public=True)
class Mark:
    id: PrimaryKey[u32]
    value: u64


@reducer
def mark(ctx: ReducerContext) -> None:
    ctx.db[Mark].delete(id=0)
    ctx.db[Mark].insert(Mark(id=0, value=0))
'''


CALL = call_reducer(1, "mark")
CALL_EVERY_S = 0.002


class Listener:
    """Hears every value that is stored, and when it first heard of the newest one."""

    def __init__(self, client: RawClient) -> None:
        self._client = client
        self._wanted = 0
        self._heard_at = 0.0
        self._is_heard = threading.Event()

    def expect(self, value: int) -> None:
        self._is_heard.clear()
        self._wanted = value

    def heard_at(self) -> float:
        assert self._is_heard.wait(30), f"{self._wanted} did not come"
        return self._heard_at

    def run(self, is_over: threading.Event) -> None:
        while not is_over.is_set():
            try:
                message = self._client.receive(1.0)
            except TimeoutError:
                continue
            is_wanted = isinstance(message, TransactionUpdate) and value_of(message) == self._wanted
            if is_wanted and not self._is_heard.is_set():
                self._heard_at = time.perf_counter()
                self._is_heard.set()


def value_of(update: TransactionUpdate) -> int:
    """The stored number."""
    ((table,),) = [query_set.tables for query_set in update.query_sets]
    (rows,) = table.rows
    assert isinstance(rows, PersistentRows)
    (row,) = rows.inserts.split()
    value: int = struct.unpack("<IQ", row)[1]
    return value


def call_on(client: RawClient, is_over: threading.Event) -> None:
    while not is_over.wait(CALL_EVERY_S):
        client.send(CALL)
        client.receive()


def measure(dev: Dev, saves: int) -> list[float]:
    """The ms of each save."""
    up = next(event for event in dev.seen if event["event"] == "server_up")
    server = RunningServer(dev.process, dev.project, up["url"], up["pid"])
    is_over, file = threading.Event(), dev.project / "module" / "__init__.py"
    with server.connect("marks", protocol=V2) as ears, server.connect("marks", protocol=V2) as voice:
        for client in (ears, voice):
            client.receive()
        ears.send(subscribe(1, 1, "SELECT * FROM mark"))
        ears.receive()
        listener = Listener(ears)
        threads = [
            threading.Thread(target=listener.run, args=(is_over,)),
            threading.Thread(target=call_on, args=(voice, is_over)),
        ]
        for thread in threads:
            thread.start()
        times = []
        for number in range(1, saves + 1):
            time.sleep(PAUSE_S)
            text = SOURCE.replace("value=0", f"value={number}")
            listener.expect(number)
            began = time.perf_counter()
            file.write_text(text, encoding="utf-8")
            times.append((listener.heard_at() - began) * 1000)
        is_over.set()
        for thread in threads:
            thread.join()
    return times


def main() -> None:
    saves = int(sys.argv[1]) if len(sys.argv) > 1 else SAVES
    toml = 'database = "marks"\nmodule = "module"\n\n[[generate]]\nlang = "typescript"\nout_dir = "bindings"\n'
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "marks", SOURCE, toml)
        with developing(project) as dev:
            dev.begun()
            times = measure(dev, saves)
            while sum(event["event"] == "live" for event in dev.seen) <= saves:
                dev.wait_for("live")
            parts = [event for event in dev.seen if event["event"] == "live"][1:]
    cuts = statistics.quantiles(times, n=100)
    print(f"save to live over {saves} saves: p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, worst {max(times):.0f} ms")
    for name in ("total", "load", "deploy", "generate"):
        print(f"  {name:<8} p50 {statistics.median(event[f'{name}_ms'] for event in parts):.0f} ms")


if __name__ == "__main__":
    main()

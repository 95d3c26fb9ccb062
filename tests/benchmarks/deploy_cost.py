"""What a deploy takes with 10 rows stored and with 1,000,000, all of them subscribed to: the aim is the same.

    python -m tests.benchmarks.deploy_cost [rows]

Two servers, deployed to in turns over HTTP, as `stdbctl dev` does with each save. A deploy ends when it is on disk and
answered; then one call is made and its update awaited by the subscriber. The module changes, its schema does not.
"""

import statistics
import struct
import sys
import time
from contextlib import ExitStack

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.many_rows import DATABASE, ROWS, points, version
from tests.support.server import V2, RawClient, RunningServer, call_reducer, subscribe

FEW = 10
DEPLOYS = 40
ARGS = struct.pack("<II", 1, 1)


def main() -> None:
    """Measure and print."""
    show("Deploy", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))


def measure(rows: int = ROWS) -> list[Figure]:
    """Deploys on both servers, in turns."""
    samples: dict[int, list[tuple[float, float]]] = {FEW: [], rows: []}
    with ExitStack() as stack:
        stage: dict[int, tuple[RunningServer, RawClient]] = {}
        for count in samples:
            server, _ = stack.enter_context(points(count))
            stage[count] = server, stack.enter_context(server.connect(DATABASE, protocol=V2, max_size=None))
            listen(stage[count][1])
        for number in range(2, DEPLOYS + 2):
            for count, (server, client) in stage.items():
                samples[count].append(deploy(server, client, number))
    figures: list[Figure] = []
    for place, what in enumerate(("deploy of an equal schema", "first call after it")):
        few, many = (statistics.median(each[place] for each in times) * 1000 for times in samples.values())
        figures.append(Figure(f"{what}, {FEW} rows", few, "ms"))
        figures.append(Figure(f"{what}, {rows:,} rows", many, "ms", many / few, f"{FEW} rows"))
    return figures


def listen(client: RawClient) -> None:
    """Subscribe to every row."""
    client.receive()
    client.send(subscribe(1, 1, "SELECT * FROM point"))
    client.receive(300)


def deploy(server: RunningServer, client: RawClient, number: int) -> tuple[float, float]:
    """Seconds of a deploy, and of the call after it."""
    began = time.perf_counter()
    answer = server.publish(DATABASE, version(number))
    served = time.perf_counter()
    assert answer.status_code == 200, answer.text
    client.send(call_reducer(number, "fill", ARGS))
    client.receive(60)
    return served - began, time.perf_counter() - served


if __name__ == "__main__":
    main()

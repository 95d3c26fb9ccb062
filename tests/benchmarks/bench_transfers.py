"""Durable money transfers per second, beside Node servers.

    python -m tests.benchmarks.bench_transfers [seconds] [rounds]

A transfer reads two accounts, checks a balance and changes both; it is answered when it is on disk. All servers run
side by side, are loaded in turns by the same generator, and must show in the end, account by account, what the
acknowledged transfers add up to. One that is not installed is left out, with a sentence.
"""

import contextlib
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.bench_calls import bare_echo_server
from tests.benchmarks.figures import Figure, processor_seconds, show
from tests.benchmarks.pipelines import upgraded
from tests.benchmarks.transfers.banks import KINDS, Bank
from tests.benchmarks.transfers.load import Load, run
from tests.benchmarks.transfers.postgres import Missing
from tests.benchmarks.transfers.workload import ACCOUNTS, BALANCE, CHOICES, ECHO, Dialect, Stream, transfers

SECONDS = 3.0
ROUNDS = 3
SHAPES = ((1, 1), (1, 40), (64, 1), (64, 40))
"""Connections, and transfers that each keeps unanswered."""


class Sample(NamedTuple):
    """`micros`: processor time of the process that serves, per transfer."""

    load: Load
    micros: float


class Teller:
    """One running bank, and the balances that it must have."""

    def __init__(self, name: str, dialect: Dialect, bank: Bank) -> None:
        self.name, self._dialect, self._bank = name, dialect, bank
        self._expected = [BALANCE] * ACCOUNTS

    def sample(self, choice: str, connections: int, depth: int, seconds: float) -> Sample:
        """Load it for a while."""
        dialect = self._dialect
        streams = [Stream(transfers(CHOICES[choice], seed), dialect) for seed in range(connections)]
        sockets = [self._bank.connect() for _ in streams]
        used = processor_seconds(self._bank.pid)
        load = run(sockets, streams, dialect, depth, seconds)
        used = processor_seconds(self._bank.pid) - used
        for tcp, stream in zip(sockets, streams, strict=True):
            tcp.close()
            stream.book(self._expected)
        return Sample(load, used / sum(stream.sent for stream in streams) * 1e6)

    def audit(self) -> None:
        """Compare every account with what was acknowledged."""
        balances = self._bank.balances()
        assert sum(balances) == BALANCE * ACCOUNTS, f"{self.name}: money was lost or made"
        assert balances == self._expected, f"{self.name}: an acknowledged transfer is missing"


@contextlib.contextmanager
def tellers() -> Iterator[list[Teller]]:
    """All banks that can be started, side by side; nothing runs in those that are not being asked."""
    with contextlib.ExitStack() as stack:
        opened: list[Teller] = []
        for kind in KINDS:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            try:
                opened.append(Teller(kind.name, kind.dialect, stack.enter_context(kind.start(folder))))
            except Missing as missing:
                print(f"  without {kind.name}: {missing}", flush=True)
        yield opened


Samples = dict[tuple[str, int, int], dict[str, list[Sample]]]
"""(choice, connections, depth) -> name of the bank -> what was measured."""


def measure(seconds: float = SECONDS, rounds: int = ROUNDS) -> Samples:
    """Every bank under every load, in turns, so that noise hits all."""
    samples: Samples = {}
    with tellers() as opened:
        for _ in range(rounds):
            for choice in CHOICES:
                for connections, depth in SHAPES:
                    row = samples.setdefault((choice, connections, depth), {})
                    for teller in opened:
                        sample = teller.sample(choice, connections, depth, seconds)
                        row.setdefault(teller.name, []).append(sample)
        for teller in opened:
            teller.audit()
    return samples


def echoes(seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, list[Sample]]:
    """Transfers on 64 connections, 40 deep, beside a bare echo of frames as long as one call, in turns."""
    rows: dict[str, list[Sample]] = {}
    ours = KINDS[:2]
    with contextlib.ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in ours]
        opened = [
            Teller(kind.name, kind.dialect, stack.enter_context(kind.start(folder)))
            for kind, folder in zip(ours, folders, strict=True)
        ]
        url, pid = stack.enter_context(bare_echo_server())
        echo = Teller("bare echo", ECHO, Bank(lambda: upgraded(url), list, pid))
        for _ in range(rounds):
            for teller in (echo, *opened):
                rows.setdefault(teller.name, []).append(teller.sample("uniform", *SHAPES[-1], seconds))
        for teller in opened:
            teller.audit()
    return rows


def against_opponents(row: Mapping[str, list[Sample]]) -> list[Figure]:
    """The rates under one load; beside each opponent's, how many times as many the first makes."""
    rates = {name: statistics.median(each.load.rate for each in samples) for name, samples in row.items()}
    ours = next(iter(rates.values()))
    figures = []
    for name, rate in rates.items():
        is_ours = name.startswith("stdbctl")
        figures.append(Figure(name, rate, "transfers/s", None if is_ours else ours / rate, "as many by stdbctl, v3"))
    return figures


def against_echo(rows: Mapping[str, list[Sample]]) -> list[Figure]:
    """Rates and processor times, each with its ratio to the echo's."""
    rates = {name: statistics.median(each.load.rate for each in samples) for name, samples in rows.items()}
    costs = {name: statistics.median(each.micros for each in samples) for name, samples in rows.items()}
    figures = []
    for values, unit in ((rates, "per second"), (costs, "µs CPU each")):
        base = values["bare echo"]
        for name, value in values.items():
            ratio = None if name == "bare echo" else value / base
            figures.append(Figure(name, value, unit, ratio, "bare echo"))
    return figures


def report(seconds: float = SECONDS, rounds: int = ROUNDS) -> None:
    """Measure and print."""
    share = 0.0
    for (choice, connections, depth), row in measure(seconds, rounds).items():
        show(f"Transfers, {choice}, {connections} x {depth} deep", against_opponents(row))
        share = max(share, *(each.load.share for samples in row.values() for each in samples))
    show("Transfers, 64 x 40 deep, and a bare echo", against_echo(echoes(seconds, rounds)))
    show("The load itself", [Figure("the generator, at most", share * 100, "% of a core")])


if __name__ == "__main__":
    report(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS, int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)

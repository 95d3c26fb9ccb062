"""All benchmarks, one table: `python -m tests.benchmarks`. What each compares stands in docs/benchmarks.md."""

import asyncio
import os
import platform
import subprocess
import sys

from tests.benchmarks import (
    bench_calls,
    bench_fanout,
    bench_fsync,
    bench_startup,
    bench_transfers,
    client_calls,
    client_speed,
    codec_speed,
    deploy_cost,
    engine_speed,
    formats,
    many_rows,
    restart,
    store_speed,
    thousand_tables,
    transfer_cost,
)
from tests.benchmarks.figures import show


def main() -> None:
    """Measure and print, one after the other."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"CPython {platform.python_version()}, {os.cpu_count()} cores, load {load} before the start")
    rates, costs = bench_calls.measure()
    show("One-row calls, 8 connections", (*rates, *costs))
    show(f"1 writer, {bench_fanout.SUBSCRIBERS:,} subscribers", bench_fanout.measure())
    bench_transfers.report(seconds=1.0, rounds=1)
    show("A transfer, stage by stage", asyncio.run(transfer_cost.measure()))
    rates, costs = client_calls.measure()
    show(f"One client, {client_calls.IN_FLIGHT} calls in flight", (*rates, *costs))
    show(f"Clients, {client_speed.ROWS:,} rows", client_speed.measure())
    show("The engine alone", engine_speed.measure())
    show("Encoding and decoding", codec_speed.measure())
    show(f"{formats.ROWS:,} rows to bytes and back, in three formats", formats.measure())
    show("Durable calls and the disk", bench_fsync.measure())
    show("The store alone", store_speed.measure())
    show(f"Restart, {many_rows.ROWS:,} rows", restart.measure())
    show("Deploy of an equal schema", deploy_cost.measure())
    show("Start of the command line", bench_startup.measure())
    show(f"A module of {thousand_tables.TABLES:,} tables and as many reducers", thousand_tables.measure())
    # In a process of its own: it starts threads and a whole `dev`.
    subprocess.run((sys.executable, "-m", "tests.benchmarks.save_to_live", "30"), check=True)


if __name__ == "__main__":
    main()

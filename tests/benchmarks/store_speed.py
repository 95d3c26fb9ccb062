"""How fast groups of transactions reach the disk: `python -m tests.benchmarks.store_speed`.

Prints, per shape of group, transactions and rows per second of the row statements alone and with the fsync, and the
ratio to bare SQLite: the same rows through one `executemany` and one COMMIT per group, in the same run.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stdbctl.records import Entry, EntryKind, StoredRow, TableChange
from stdbctl.store import SqliteStore
from tests.benchmarks.figures import Figure, show
from tests.store.samples import DATABASE, OWNER, PROGRAM, SCHEMA, entry

FSYNCS = 500
SHAPES = ((1, 1, 2_000), (200, 1, 100_000), (2_000, 1, 200_000), (100, 10, 20_000), (1, 1_000, 300))
"""Transactions per group, rows per transaction, transactions in all."""


def groups(per_group: int, rows: int, total: int) -> Iterator[list[Entry]]:
    """Groups of transactions that each insert new rows of 48 bytes."""
    sample, number = entry(1), 0
    for start in range(2, total + 2, per_group):
        group = []
        for offset in range(start, start + per_group):
            inserted = []
            for _ in range(rows):
                key = number.to_bytes(4, "big")
                inserted.append(StoredRow((), key + b"d" * 44, key))
                number += 1
            group.append(sample._replace(offset=offset, changes=(TableChange(4097, (), tuple(inserted)),)))
        yield group


def run_store(folder: Path, per_group: int, rows: int, total: int) -> tuple[float, float]:
    """Seconds of `write` and of `commit`."""
    store = SqliteStore.create(folder, DATABASE, OWNER)
    store.write([entry(1, kind=EntryKind.MIGRATION, program=PROGRAM)], SCHEMA)
    store.commit()
    writing = committing = 0.0
    for group in groups(per_group, rows, total):
        start = time.perf_counter()
        store.write(group)
        middle = time.perf_counter()
        store.commit()
        writing += middle - start
        committing += time.perf_counter() - middle
    store.close()
    return writing, committing


def run_bare(file: Path, per_group: int, rows: int, total: int) -> float:
    """Seconds of the same rows without history, in bare SQLite."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    connection.execute("CREATE TABLE rows (key BLOB PRIMARY KEY, data BLOB) WITHOUT ROWID")
    seconds = 0.0
    for group in groups(per_group, rows, total):
        values = [(row.key, row.data) for each in group for row in each.changes[0].inserted]
        start = time.perf_counter()
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", values)
        connection.execute("COMMIT")
        seconds += time.perf_counter() - start
    connection.close()
    return seconds


def fsyncs_per_second(folder: Path) -> float:
    """Appending 4 KiB to a file and syncing it."""
    with (folder / "file").open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(FSYNCS):
            file.write(bytes(4096))
            os.fsync(file.fileno())
        return FSYNCS / (time.perf_counter() - start)


def measure() -> list[Figure]:
    """Every shape: transactions per second, beside bare SQLite with the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [Figure("appending 4 KiB and fsync, nothing else", fsyncs_per_second(Path(folder)), "fsyncs/s")]
    for per_group, rows, total in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            writing, committing = run_store(Path(folder) / "db", per_group, rows, total)
            bare = run_bare(Path(folder) / "bare.sqlite3", per_group, rows, total)
        shape = f"groups of {per_group:,}, {rows:,} rows each"
        figures.append(Figure(f"{shape}: row statements", total / writing, "transactions/s"))
        whole = writing + committing
        figures.append(Figure(f"{shape}: with fsync", total / whole, "transactions/s", bare / whole, "bare SQLite"))
    return figures


if __name__ == "__main__":
    show("The store alone", measure())

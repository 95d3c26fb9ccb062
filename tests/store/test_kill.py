"""`kill -9` at any moment: what was committed is there, nothing else is half there, and the folder is free."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from stdbctl.records import SequenceState
from stdbctl.store import SqliteStore

KILLS = 8
ROOT = Path(__file__).parents[2]


def run_and_kill(folder: Path, groups: int, extra_bytes: int) -> int:
    """Let the writer report `groups` commits, kill it at some point of the next; the last offset it acknowledged."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = int(writer.stdout.readline().split()[1])
    for _ in range(groups):
        acknowledged = int(writer.stdout.readline().split()[1])
    for _ in range(extra_bytes):
        sum(range(1_000))  # some microseconds, so that the kill falls anywhere between two reports
    writer.send_signal(signal.SIGKILL)
    rest, _ = writer.communicate()
    complete = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return int(complete[-1].split()[1]) if complete else acknowledged


def test_killed_writers_lose_nothing_and_leave_nothing_half(folder: Path) -> None:
    dice = random.Random(4711)
    for _ in range(KILLS):
        acknowledged = run_and_kill(folder, dice.randint(1, 60), dice.randint(0, 300))
        store = SqliteStore(folder)
        last = store.load().last_offset
        assert last >= acknowledged
        assert [found.offset for found in store.history(after=0, limit=1_000_000)] == list(range(1, last + 1))
        counters = [data for data in store.rows(4097) if data != b"row"]
        assert counters == [b"%d" % last]
        assert len(list(store.rows(4098))) == last - 1
        assert store.load().sequences == (SequenceState(4097, 0, last),)
        store.close()

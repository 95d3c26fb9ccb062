"""The power goes at any moment: what was acknowledged is there, and nothing else is half there."""

import _sqlite3
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # events are JSON

import pytest

from stdbctl.records import EntryKind, SequenceState
from stdbctl.store import SqliteStore
from tests.faults.power_cuts import Disk
from tests.store.samples import DATABASE, OWNER, SCHEMA, entry

pytestmark = pytest.mark.skipif(
    not hasattr(_sqlite3, "__file__"), reason="this Python has SQLite built in, where nothing can be put before it"
)
FILE, WAL = "database.sqlite3", "database.sqlite3-wal"
ROOT = Path(__file__).parents[2]
CUTS = 40

WRITER = """
import os, sys
from pathlib import Path
from stdbctl.records import SequenceState
from stdbctl.store import SqliteStore, StoreFault, sqlite_store
from tests.faults.recording_disk import RecordingDisk
from tests.store.samples import changed, entry, row
from tests.store.writer import counter

folder, (groups, failing, sqlite_store._CHECKPOINT_PAGES) = Path(sys.argv[1]), map(int, sys.argv[2:])
disk = RecordingDisk(folder.parent / "trace")
disk.install()
store = SqliteStore(folder)
for number in range(2, groups + 2):
    old = (row(b"counter", counter(number - 1)),) if number > 2 else ()  # the first one finds no counter
    new = (row(b"counter", counter(number)),)
    changes = (
        changed(4097, old, new),
        changed(4098, (), (row(counter(number) + b"." * (number * 700 % 9_000)),)),
    )
    store.write([entry(number, *changes, sequences=(SequenceState(4097, 0, number),))])
    if number == failing:
        disk.fail_sync = lambda name: True
    try:
        store.commit()
    except StoreFault as fault:
        disk.fail_sync = None
        store.rollback()
        disk.mark(str(fault))
        break
    disk.mark(str(number))
os._exit(0)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A database with its tables, and one transaction."""
    made = SqliteStore.create(tmp_path / "db", DATABASE, OWNER)
    made.write([entry(1, kind=EntryKind.MIGRATION)], SCHEMA)
    made.commit()
    made.close()
    return tmp_path / "db"


def recorded(folder: Path, groups: int, *, failing: int = 0, checkpoint_pages: int = 10_000) -> list[dict[str, Any]]:
    """Let the writer write and die; everything that SQLite did to the disk."""
    numbers = [str(groups), str(failing), str(checkpoint_pages)]
    subprocess.run([sys.executable, "-c", WRITER, str(folder), *numbers], cwd=ROOT, check=True)
    return [json.loads(line) for line in (folder.parent / "trace").read_text().splitlines()]


def last_of_a_whole(folder: Path) -> int:
    """Open what is left; it is exactly what some first transactions leave. The offset of the last one."""
    store = SqliteStore(folder)
    last = store.load().last_offset
    assert [found.offset for found in store.history(limit=10_000)] == list(range(1, last + 1))
    assert list(store.rows(4097)) == ([b"%d" % last] if last > 1 else [])
    assert len(list(store.rows(4098))) == last - 1
    assert store.load().sequences == ((SequenceState(4097, 0, last),) if last > 1 else ())
    store.close()
    return last


def refill(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)


def test_a_power_cut_keeps_what_was_acknowledged_whatever_the_disk_kept_of_the_rest(folder: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    base = {FILE: (folder / FILE).read_bytes()}
    events = recorded(folder, 60, checkpoint_pages=12)
    assert sum(event.get("sync") == FILE for event in events) > 3, "checkpoints are among what is cut"
    for cut in sorted(dice.choices(range(len(events) + 1), k=CUTS)):
        disk = Disk(base)
        disk.run(events[:cut])
        refill(folder, disk.after_a_cut(dice))
        acknowledged = max([int(event["mark"]) for event in events[:cut] if "mark" in event], default=1)
        assert last_of_a_whole(folder) in (acknowledged, acknowledged + 1), f"cut at event {cut}"


def damaged_tails(log: bytes, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """The log as it may be when its end was lost: cut, garbled from there on, or with a hole there."""
    for at in sorted(dice.sample(range(len(log)), 16)):
        yield f"cut at {at}", log[:at]
        yield f"garbled from {at}", log[:at] + dice.randbytes(len(log) - at)
        yield f"hole at {at}", log[:at] + bytes(min(100, len(log) - at)) + log[at + 100 :]


def test_a_log_that_lost_its_end_gives_the_transactions_before_it(folder: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    recorded(folder, 12)
    files = {name: (folder / name).read_bytes() for name in (FILE, WAL)}
    refill(folder, files)
    whole = last_of_a_whole(folder)
    assert whole == 13
    for how, log in damaged_tails(files[WAL], dice):
        refill(folder, {**files, WAL: log, f"{FILE}-shm": dice.randbytes(32_768)})
        assert 1 <= last_of_a_whole(folder) <= whole, how
    for at in sorted(dice.sample(range(len(files[WAL])), 8)):
        refill(folder, {**files, WAL: files[WAL][:at]})
        shorter = last_of_a_whole(folder)
        refill(folder, {**files, WAL: files[WAL][: at + 4096 * 3]})
        assert last_of_a_whole(folder) >= shorter


def test_what_was_undone_after_a_failed_sync_does_not_come_back(folder: Path) -> None:
    """The log holds the group to its last byte when fsync fails; the process is killed right after the refusal."""
    events = recorded(folder, 9, failing=6)
    assert "could not be committed; the disk failed to read or write" in events[-1]["mark"]
    assert last_of_a_whole(folder) == 5

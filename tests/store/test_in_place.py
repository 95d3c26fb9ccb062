"""A store whose file is held by another program, or taken away, while it is served."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from stdbctl.store import FolderLock, FolderLocked, SqliteStore, StoreDamaged, StoreFault, StoreLost, sqlite_store
from tests.store.samples import changed, entry, row

FILE = "database.sqlite3"


@contextmanager
def another_program(folder: Path) -> Iterator[sqlite3.Connection]:
    """A shell that stands in the middle of a transaction."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        yield shell


def test_a_group_waits_for_another_program_on_the_thread_that_commits(folder: Path) -> None:
    store = SqliteStore(folder)
    with another_program(folder) as shell:
        store.write([entry(3, changed(4098, (), (row(b"one"),)))])
        store.write([entry(4, changed(4098, (), (row(b"two"),)))])
        committer = threading.Thread(target=store.commit)
        committer.start()
        shell.execute("ROLLBACK")
        committer.join()
    assert store.load().last_offset == 4
    assert list(store.rows(4098)) == [b"note", b"one", b"two"]
    store.close()


def test_a_program_that_does_not_let_go_is_a_fault_and_the_next_group_is_tried(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "LOCK_WAIT_S", 0.1)
    store = SqliteStore(folder)
    with another_program(folder) as shell:
        store.write([entry(3, changed(4098, (), (row(b"lost"),)))])
        with pytest.raises(StoreFault, match=r"another program holds .* did not let go within 0\.1 s"):
            store.commit()
        store.rollback()
        with pytest.raises(StoreFault, match="did not let go"):
            store.probe()
        shell.execute("ROLLBACK")
    store.probe()
    store.write([entry(3, changed(4098, (), (row(b"kept"),)))])
    store.commit()
    assert list(store.rows(4098)) == [b"kept", b"note"]
    store.close()


def delete(file: Path) -> None:
    file.unlink()


def move(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))


def replace(file: Path) -> None:
    copy = file.with_name("copy")
    copy.write_bytes(file.read_bytes())
    os.replace(copy, file)


@pytest.mark.parametrize("take", [delete, move, replace])
@pytest.mark.parametrize("name", [FILE, f"{FILE}-wal"])
def test_nothing_is_acknowledged_once_the_file_is_gone(folder: Path, take: Callable[[Path], None], name: str) -> None:
    store = SqliteStore(folder)
    store.wait_checked()
    take(folder / name)
    store.write([entry(3)])
    with pytest.raises(StoreLost, match=rf"{name}. was deleted, moved or replaced"):
        store.commit()
    with pytest.raises(StoreLost):
        store.rollback()
    with pytest.raises(StoreLost):
        store.probe()
    store.close()


def test_a_file_that_ends_otherwise_than_acknowledged_is_given_up(folder: Path) -> None:
    store = SqliteStore(folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("DELETE FROM history")
    with pytest.raises(StoreLost, match="ends with transaction 0, and 2 is the last that was acknowledged"):
        store.rollback()
    store.close()
    with pytest.raises(StoreDamaged, match="its end is not"):
        SqliteStore(folder)


STARTER = """
import sys
from pathlib import Path
from stdbctl.store import FolderLock, FolderLocked

folder = Path(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
try:
    FolderLock(folder)
except FolderLocked as error:
    print("refused", error.pid, flush=True)
else:
    print("holds", flush=True)
sys.stdin.readline()
"""


def test_of_many_that_start_at_once_one_holds_the_folder_and_the_others_name_it(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("4194300\n")  # what a killed process left, long ago
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", STARTER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    for starter in starters:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "ready\n"
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("go\n")
        starter.stdin.flush()
    said = {starter.pid: starter.stdout.readline().split() for starter in starters if starter.stdout is not None}
    for starter in starters:
        starter.communicate("end\n")
    holders = [pid for pid, words in said.items() if words == ["holds"]]
    assert len(holders) == 1
    assert [words for words in said.values() if words != ["holds"]] == [["refused", str(holders[0])]] * 5


def test_a_killed_holder_is_nobody(tmp_path: Path) -> None:
    """The text that it left names a process that lives, by chance: the kernel's lock alone decides."""
    (tmp_path / "lock").write_text(f"{os.getppid()}\n")
    lock = FolderLock(tmp_path)
    with pytest.raises(FolderLocked) as caught:
        FolderLock(tmp_path)
    assert caught.value.pid == os.getpid()
    lock.release()
    assert (tmp_path / "lock").read_text().strip() == ""

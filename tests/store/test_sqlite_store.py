"""What only a store on disk can meet: damage, other formats, full disks, other processes, a second thread."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stdbctl import __version__
from stdbctl.sats import Identity
from stdbctl.store import FolderLocked, SqliteStore, StoreFault
from tests.store.samples import DATABASE, OWNER, changed, entry, row

FILE = "database.sqlite3"


def refusal(folder: Path) -> str:
    with pytest.raises(StoreFault) as caught:
        SqliteStore(folder)
    assert str(folder) in caught.value.what
    assert caught.value.fix
    return str(caught.value)


def mark_unclean(folder: Path) -> None:
    """As after a crash: the next start checks the whole file."""
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("UPDATE meta SET value = 0 WHERE key = 'clean'")
    connection.close()


def test_a_database_is_never_made_by_opening_it(tmp_path: Path) -> None:
    assert "could not be opened" in refusal(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "empty").mkdir()
    assert "it is missing" in refusal(tmp_path / "empty")


def test_an_existing_database_is_not_made_again(folder: Path) -> None:
    before = (folder / FILE).read_bytes()
    with pytest.raises(StoreFault, match="exists already"):
        SqliteStore.create(folder, Identity.from_int(99), OWNER)
    assert (folder / FILE).read_bytes() == before


def test_what_a_crash_left_of_a_creation_is_replaced(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_bytes(b"half a file")
    (tmp_path / f"{FILE}.new-journal").write_bytes(b"half a journal")
    store = SqliteStore.create(tmp_path, DATABASE, OWNER)
    assert store.load().identity == DATABASE
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "lock"]


def test_a_file_that_is_no_database_is_refused(folder: Path) -> None:
    (folder / FILE).write_bytes(b"hello " * 100)
    assert "is damaged" in refusal(folder)


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / FILE).write_bytes(b"")
    assert "is damaged" in refusal(folder)
    assert (folder / FILE).read_bytes() == b""


def test_a_database_of_another_program_is_refused(folder: Path) -> None:
    (folder / FILE).unlink()
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("CREATE TABLE meta (key, value)")
    connection.close()
    assert "of another program" in refusal(folder)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_truncated_file_is_refused(folder: Path, part: float) -> None:
    size = (folder / FILE).stat().st_size
    os.truncate(folder / FILE, int(size * part))
    assert "damaged" in refusal(folder)


def test_pages_that_were_overwritten_are_found_after_a_crash(folder: Path) -> None:
    mark_unclean(folder)
    size = (folder / FILE).stat().st_size
    with (folder / FILE).open("r+b") as file:
        file.seek(4096 + 200)
        file.write(os.urandom(size - 4096 - 200))
    assert "damaged" in refusal(folder)


def test_text_that_was_overwritten_is_damage(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("UPDATE meta SET value = CAST(x'ff' AS TEXT) WHERE key = 'owner'")
    connection.close()
    assert "the file is damaged" in refusal(folder)


def test_rows_on_an_overwritten_page_are_not_served(folder: Path) -> None:
    """Closed in order, then damaged: what is read at the start (everything) is refused where it is damaged."""
    page = (folder / FILE).read_bytes().index(b"krow") // 4096
    with (folder / FILE).open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    store = SqliteStore(folder)
    with pytest.raises(StoreFault, match="damaged"):
        list(store.rows(4097))
    store.close()


def test_a_whole_file_is_opened_after_a_crash(folder: Path) -> None:
    mark_unclean(folder)
    store = SqliteStore(folder)
    assert list(store.rows(4097)) == [b"row"]
    store.close()


def test_a_newer_format_is_refused_and_left_alone(folder: Path) -> None:
    with sqlite3.connect(folder / FILE) as connection:
        connection.execute("UPDATE meta SET value = 4 WHERE key = 'format'")
        connection.execute("UPDATE meta SET value = '7.1.0' WHERE key = 'written_by'")
    connection.close()
    before = (folder / FILE).read_bytes()
    text = refusal(folder)
    assert "was written by stdbctl 7.1.0 and was not opened" in text
    assert f"its format is 4, stdbctl {__version__} knows formats up to 3" in text
    assert "upgrade stdbctl" in text
    assert (folder / FILE).read_bytes() == before


def test_the_same_folder_cannot_be_opened_twice(folder: Path) -> None:
    store = SqliteStore(folder)
    with pytest.raises(FolderLocked) as caught:
        SqliteStore(folder)
    assert caught.value.pid == os.getpid()
    assert f"in use by process {os.getpid()}" in str(caught.value)
    store.close()
    SqliteStore(folder).close()


def test_a_refused_folder_is_free_again(folder: Path) -> None:
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(b"")
    refusal(folder)
    (folder / FILE).write_bytes(whole)
    SqliteStore(folder).close()


def test_commit_may_run_on_another_thread(folder: Path) -> None:
    store = SqliteStore(folder)
    for offset in range(3, 6):
        store.write([entry(offset, changed(4098, (), (row(b"%d" % offset),)))])
        thread = threading.Thread(target=store.commit)
        thread.start()
        thread.join()
    store.close()
    store = SqliteStore(folder)
    assert store.load().last_offset == 5
    store.close()


FULL_DISK = """
import resource, sys
from pathlib import Path
from stdbctl.store import SqliteStore, StoreFault
from tests.store.samples import changed, entry, row

store = SqliteStore(Path(sys.argv[1]))
offset = store.load().last_offset
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, limits[1]))
try:
    while True:
        offset += 1
        store.write([entry(offset, changed(4098, (), (row(b"%d" % offset + b"." * 10_000),)))])
        store.commit()
        print("durable", offset)
except StoreFault as fault:
    print(fault, file=sys.stderr)
    store.rollback()
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
assert store.load().last_offset == offset - 1, (store.load(), offset)
store.write([entry(offset, changed(4098, (), (row(b"after"),)))])
store.commit()
print("durable", offset)
store.close()
"""


def test_a_full_disk_is_a_fault_that_can_be_survived(folder: Path) -> None:
    """The file size limit stands for the disk: writes beyond it fail as writes to a full disk do."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "could not be committed; the disk" in done.stderr
    durable = [int(line.split()[1]) for line in done.stdout.splitlines()]
    assert len(durable) > 5
    store = SqliteStore(folder)
    assert store.load().last_offset == durable[-1]
    assert [found.offset for found in store.history(after=2)] == durable
    assert len(list(store.rows(4098))) == 1 + len(durable)
    store.close()


def test_a_fault_while_writing_leaves_the_store_usable(folder: Path) -> None:
    store = SqliteStore(folder)
    store.write([entry(3, changed(4097, (), (row(b"new", b"row"),)))])
    with pytest.raises(StoreFault, match="could not be written"):
        store.write([entry(3)])
    store.rollback()
    assert list(store.rows(4097)) == [b"row"]
    store.write([entry(3)])
    store.commit()
    store.close()


def test_a_copied_folder_is_a_database_of_its_own(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    one, other = SqliteStore(folder), SqliteStore(tmp_path / "copy")
    other.write([entry(3)])
    other.commit()
    assert (one.load().last_offset, other.load().last_offset) == (2, 3)
    one.close()
    other.close()

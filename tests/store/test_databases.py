"""The list of databases of a server, on disk and in memory."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stdbctl.records import LogLevel, LogRecord
from stdbctl.sats import Identity, Timestamp
from stdbctl.store import (
    DatabaseRecord,
    Databases,
    DataDir,
    FolderLocked,
    MemoryDatabases,
    NameTaken,
    StoreDamaged,
    StoreFault,
)
from tests.store.samples import SCHEMA, entry

OWNER = Identity.from_int(5)
BOARD = DatabaseRecord(Identity.from_int(1), OWNER, Timestamp(10), ("board", "whiteboard"))
CHAT = DatabaseRecord(Identity.from_int(2), OWNER, Timestamp(5), ("chat",))


@pytest.fixture(params=["disk", "memory"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    made = MemoryDatabases() if request.param == "memory" else DataDir(tmp_path / "data")
    yield made
    made.close()


def test_databases_are_listed_oldest_first_and_found_by_name_and_identity(databases: Databases) -> None:
    assert databases.all() == ()
    databases.create(BOARD)
    databases.create(CHAT)
    assert databases.all() == (CHAT, BOARD)
    for text in ("board", "whiteboard", str(BOARD.identity), f"0x{BOARD.identity}"):
        assert databases.find(text) == BOARD
    assert databases.find("nobody") is None


def test_a_name_belongs_to_one_database(databases: Databases) -> None:
    databases.create(BOARD)
    with pytest.raises(NameTaken) as caught:
        databases.create(DatabaseRecord(CHAT.identity, OWNER, Timestamp(5), ("free", "board")))
    assert (caught.value.name, caught.value.identity) == ("board", BOARD.identity)
    assert databases.all() == (BOARD,)
    databases.create(CHAT)
    with pytest.raises(NameTaken):
        databases.rename(CHAT.identity, ["new", "board"])
    assert databases.find("chat") == CHAT


def test_renaming_replaces_every_name(databases: Databases) -> None:
    databases.create(BOARD)
    databases.rename(BOARD.identity, ["whiteboard", "wb"])
    assert databases.find("board") is None
    found = databases.find("wb")
    assert found is not None
    assert found.names == ("whiteboard", "wb")
    databases.rename(BOARD.identity, [])
    assert databases.find("wb") is None
    assert databases.find(str(BOARD.identity)) is not None


def test_a_database_is_made_once(databases: Databases) -> None:
    databases.create(BOARD)
    with pytest.raises(StoreFault):
        databases.create(DatabaseRecord(BOARD.identity, OWNER, Timestamp(99), ("other",)))
    assert databases.all() == (BOARD,)


def test_a_new_database_has_a_store_and_a_log(databases: Databases) -> None:
    databases.create(BOARD)
    store, log = databases.open_store(BOARD.identity), databases.open_log(BOARD.identity)
    assert (store.load().identity, store.load().owner) == (BOARD.identity, OWNER)
    store.write([entry(1)], SCHEMA)
    store.commit()
    log.append([LogRecord(level=LogLevel.INFO, ts=1, message="hello")])
    store.close()
    log.close()
    store, log = databases.open_store(BOARD.identity), databases.open_log(BOARD.identity)
    assert store.load().last_offset == 1
    assert log.tail()[0].record.message == "hello"
    store.close()
    log.close()


def test_a_deleted_database_is_gone_with_its_names(databases: Databases) -> None:
    databases.create(BOARD)
    databases.create(CHAT)
    databases.delete(BOARD.identity)
    assert databases.all() == (CHAT,)
    databases.create(DatabaseRecord(BOARD.identity, OWNER, Timestamp(11), ("board",)))
    store = databases.open_store(BOARD.identity)
    assert store.load().program is None
    store.close()


def test_the_list_survives_the_server(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.create(BOARD)
    data.create(CHAT)
    data.close()
    data = DataDir(tmp_path)
    assert data.all() == (CHAT, BOARD)
    assert data.keys_path == tmp_path / "keys"
    data.close()


HOLDER = """
import sys
from pathlib import Path
from stdbctl.store import DataDir

data = DataDir(Path(sys.argv[1]))
print("held", flush=True)
input()
"""


def test_a_data_folder_has_one_server(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(FolderLocked) as caught:
        DataDir(tmp_path)
    assert caught.value.pid == other.pid
    other.kill()
    other.communicate()
    DataDir(tmp_path).close()


INTERRUPTED = """
import os, sys
from pathlib import Path
from stdbctl.store import DataDir
from tests.store.test_databases import BOARD, CHAT

data = DataDir(Path(sys.argv[1]))
data.create(CHAT)
step, at = 0, int(sys.argv[2])

def trace(frame, event, arg):
    global step
    if frame.f_code.co_filename.endswith(("data_dir.py", "record_files.py", "sqlite.py", "sqlite_store.py", "lock.py")):
        step += 1
        if step == at:
            os._exit(9)
    return trace

sys.settrace(trace)
data.create(BOARD)
data.delete(CHAT.identity)
sys.settrace(None)
print(step)
"""


def interrupt(folder: Path, at: int) -> subprocess.CompletedProcess[str]:
    """Create one database and delete another, and die at the `at`-th traced line (0 = never)."""
    return subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(folder), str(at)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_creation_and_deletion_are_whole_or_undone_after_a_crash(tmp_path: Path) -> None:
    done = interrupt(tmp_path / "whole", 0)
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    for at in range(1, steps, max(1, steps // 12)):
        folder = tmp_path / str(at)
        assert interrupt(folder, at).returncode == 9
        data = DataDir(folder)
        listed = data.all()
        assert set(listed) <= {CHAT, BOARD}
        assert CHAT in listed or BOARD in listed
        kept = sorted(path.name for path in (folder / "databases").iterdir())
        assert kept == sorted(str(record.identity) for record in listed)
        for record in listed:
            data.open_store(record.identity).close()
        data.close()


def test_folders_that_the_list_does_not_name_are_left_alone(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    stray = data.folder(BOARD.identity)
    stray.mkdir()
    (stray / "precious").write_text("data")
    with pytest.raises(StoreFault, match="exists already"):
        data.create(BOARD)
    data.close()
    DataDir(tmp_path).close()
    assert (stray / "precious").read_text() == "data"


def test_what_a_crash_left_half_built_is_removed_at_the_next_start(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    data.create(BOARD)
    folder, snapshots = data.folder(BOARD.identity), tmp_path / "snapshots" / str(BOARD.identity)
    data.close()
    snapshots.mkdir(parents=True)
    for leftover in ("database.sqlite3.new", "database.sqlite3.new-journal"):
        (folder / leftover).write_bytes(b"half")
    (snapshots / "before-restore-1.sqlite3.new").write_bytes(b"half")
    data = DataDir(tmp_path)
    data.open_store(BOARD.identity).close()
    assert sorted(file.name for file in folder.iterdir()) == ["database.json", "database.sqlite3", "lock"]
    assert not list(snapshots.iterdir())
    data.close()


def garble(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4_096:4_196] = bytes(100)  # the head of the second page
    file.write_bytes(data)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_bytes(b""), garble])
def test_a_missing_or_damaged_list_is_made_anew_from_the_folders(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    data, file = DataDir(tmp_path), tmp_path / "databases.sqlite3"
    data.create(BOARD)
    data.create(CHAT)
    data.rename(CHAT.identity, ("talk", "chat"))
    before = data.all()
    data.close()
    assert data.notice == ""
    is_kept = spoil is not Path.unlink
    spoil(file)
    data = DataDir(tmp_path)
    assert data.all() == before
    assert "was made anew from the folders of 2 databases" in data.notice
    assert (f"kept as `{tmp_path / 'damaged-1.sqlite3'}`" in data.notice) == is_kept
    assert (tmp_path / "damaged-1.sqlite3").exists() == is_kept
    data.close()
    again = DataDir(tmp_path)
    assert (again.all(), again.notice) == (before, "")
    again.close()


def test_a_damaged_list_is_left_as_it_is_when_a_folder_does_not_say_what_it_is(tmp_path: Path) -> None:
    data, file = DataDir(tmp_path), tmp_path / "databases.sqlite3"
    data.create(BOARD)
    data.close()
    whole = file.read_bytes()
    (data.folder(BOARD.identity) / "database.json").write_text("{}")
    file.write_bytes(b"")
    with pytest.raises(StoreDamaged, match="put a copy of it back") as caught:
        DataDir(tmp_path)
    assert f"{BOARD.identity}/database.json` is missing or cannot be read" in str(caught.value)
    assert file.read_bytes() == b""
    file.write_bytes(whole)
    data = DataDir(tmp_path)
    assert data.all() == (BOARD,)
    data.close()
    file.write_bytes(b"")
    data = DataDir(tmp_path)  # the start before has noted it again
    assert data.all() == (BOARD,)
    data.close()

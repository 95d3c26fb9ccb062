"""Snapshots of a database's file: taken while it is written, listed, pruned, deleted."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.records import EntryKind
from stdbctl.sats import Identity
from stdbctl.store import (
    BadSnapshotName,
    NoSuchSnapshot,
    SnapshotNameTaken,
    SnapshotRetention,
    Snapshots,
    SqliteStore,
    StoreFault,
    restore_closed,
)
from tests.store.samples import DATABASE, OWNER, SCHEMA, changed, entry, row

KEEP_ALL = SnapshotRetention(automatic=100, automatic_bytes=10**9)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore.create(tmp_path / "db", DATABASE, OWNER)
    made.write([entry(1, kind=EntryKind.MIGRATION)], SCHEMA)
    made.write([entry(2, changed(4097, (), (row(b"k", b"row"),)), changed(4098, (), (row(b"note"),)))])
    made.commit()
    yield made
    made.close()


@pytest.fixture
def snapshots(store: SqliteStore, tmp_path: Path) -> Snapshots:
    ticks = iter(range(1_000, 9_000, 10))
    (tmp_path / "snapshots").mkdir()
    return Snapshots(tmp_path / "snapshots" / "db", store.path, lambda: next(ticks))


def files_of(snapshots: Snapshots) -> list[str]:
    return sorted(file.name for file in snapshots.folder.iterdir())


def test_a_snapshot_says_what_it_holds(snapshots: Snapshots) -> None:
    saved = snapshots.save("start")
    assert (saved.name, saved.step, saved.is_automatic, saved.offset) == ("start", "", False, 2)
    assert saved.rows == {"point": 1, "note": 1, "shout": 0}
    assert snapshots.find("start").rows == saved.rows
    assert files_of(snapshots) == ["start.sqlite3"]


def test_a_snapshot_holds_what_was_committed_and_nothing_else(store: SqliteStore, snapshots: Snapshots) -> None:
    store.write([entry(3, changed(4097, (), (row(b"l", b"later"),)))])
    assert snapshots.save("before").rows["point"] == 1
    store.commit()
    assert snapshots.save("after").rows["point"] == 2
    assert snapshots.find("before").rows["point"] == 1


def test_snapshots_are_taken_while_another_thread_writes(store: SqliteStore, snapshots: Snapshots) -> None:
    def write() -> None:
        for offset in range(3, 203):
            keys = (b"a%d" % offset, b"b%d" % offset)
            store.write([entry(offset, changed(4097, (), tuple(row(key, b"row") for key in keys)))])
            store.commit()

    writer = threading.Thread(target=write)
    writer.start()
    taken = [snapshots.save(f"s{number}") for number in range(5)]
    writer.join()
    for saved in taken:
        assert saved.rows["point"] == 1 + 2 * (saved.offset - 2), "at a transaction's boundary"


def test_a_name_is_never_used_twice(snapshots: Snapshots) -> None:
    snapshots.save("start")
    with pytest.raises(SnapshotNameTaken, match="stdbctl snapshot delete start"):
        snapshots.save("start")


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../x", "ä", "a" * 65, "a b", "a\n"])
def test_names_that_no_file_should_have_are_refused(snapshots: Snapshots, name: str) -> None:
    with pytest.raises(BadSnapshotName):
        snapshots.save(name)


def test_an_unknown_name_gets_the_nearest_one(snapshots: Snapshots) -> None:
    snapshots.save("start")
    for refused in (snapshots.find, snapshots.delete):
        with pytest.raises(NoSuchSnapshot, match="did you mean `start`"):
            refused("strat")


def test_a_deleted_snapshot_is_gone(snapshots: Snapshots) -> None:
    snapshots.save("start")
    snapshots.delete("start")
    assert snapshots.all() == ()
    assert files_of(snapshots) == []


def test_automatic_snapshots_are_numbered_by_their_step(snapshots: Snapshots) -> None:
    names = [snapshots.save_before(step, "why", KEEP_ALL).name for step in ("deploy", "reset", "deploy")]
    assert names == ["before-deploy-1", "before-reset-1", "before-deploy-2"]
    assert [info.name for info in snapshots.all()] == names
    assert snapshots.find("before-reset-1").detail == "why"


def test_old_automatic_snapshots_go_and_saved_ones_stay(snapshots: Snapshots) -> None:
    snapshots.save("mine")
    for _ in range(4):
        snapshots.save_before("deploy", "", SnapshotRetention(automatic=2, automatic_bytes=10**9))
    assert [info.name for info in snapshots.all()] == ["mine", "before-deploy-3", "before-deploy-4"]


def test_the_newest_automatic_snapshot_stays_whatever_its_size(snapshots: Snapshots) -> None:
    for _ in range(3):
        snapshots.save_before("reset", "", SnapshotRetention(automatic=5, automatic_bytes=1))
    assert [info.name for info in snapshots.all()] == ["before-reset-3"]


def test_what_a_crash_left_of_a_snapshot_is_none_and_in_nobodys_way(snapshots: Snapshots) -> None:
    snapshots.folder.mkdir()
    (snapshots.folder / "start.sqlite3.new").write_bytes(b"half a file")
    assert snapshots.all() == ()
    snapshots.save("start")
    assert files_of(snapshots) == ["start.sqlite3"]


def test_a_file_that_is_no_snapshot_is_not_listed_and_says_so_when_asked_for(snapshots: Snapshots) -> None:
    snapshots.save("start")
    (snapshots.folder / "odd.sqlite3").write_bytes(b"something else")
    assert [info.name for info in snapshots.all()] == ["start"]
    with pytest.raises(StoreFault, match="is damaged"):
        snapshots.find("odd")


def test_a_snapshot_that_cannot_be_written_leaves_nothing(snapshots: Snapshots, tmp_path: Path) -> None:
    snapshots.folder.write_bytes(b"a file stands where the folder should be")
    with pytest.raises(StoreFault, match="could not be created"):
        snapshots.save("start")
    gone = Snapshots(tmp_path / "snapshots" / "other", tmp_path / "missing.sqlite3", lambda: 1)
    with pytest.raises(StoreFault, match="could not be written"):
        gone.save("start")
    assert files_of(gone) == []


def test_a_restore_that_cannot_keep_what_is_there_changes_nothing_and_lets_go(
    store: SqliteStore, snapshots: Snapshots, tmp_path: Path
) -> None:
    snapshots.save("start")
    store.write([entry(3, changed(4097, (), (row(b"l", b"later"),)))])
    store.commit()
    store.close()
    full = Snapshots(snapshots.folder, tmp_path / "missing.sqlite3", lambda: 1)
    with pytest.raises(StoreFault, match="could not be written"):
        restored(store, full, DATABASE)
    again = SqliteStore(store.path.parent)
    assert again.load().last_offset == 3
    again.close()


def test_a_snapshot_of_another_database_is_not_restored(store: SqliteStore, snapshots: Snapshots) -> None:
    snapshots.save("start")
    store.close()
    store.path.write_bytes(b"damaged")
    with pytest.raises(StoreFault, match="is a snapshot of another database"):
        restored(store, snapshots, OWNER)
    assert store.path.read_bytes() == b"damaged"


def restored(store: SqliteStore, kept: Snapshots, identity: Identity) -> None:
    restore_closed(
        store.path.parent,
        kept,
        "start",
        identity=identity,
        caller=OWNER,
        now=5_000,
        keeps_program=True,
        retention=KEEP_ALL,
    )

"""Damaged files: whatever is garbled, what is read is right to the last bit, or the file is refused."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stdbctl.records import ConnectionChange, EntryKind, SequenceState, Snapshot
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store import HistoryEntry, Snapshots, SqliteStore, StoreDamaged, StoreFault
from tests.store.samples import DATABASE, OWNER, SCHEMA, changed, entry, row

FILE = "database.sqlite3"
Content = tuple[Snapshot, list[bytes], list[bytes], tuple[HistoryEntry, ...]]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some 150 pages, closed in order."""
    folder = tmp_path_factory.mktemp("damage") / "db"
    store = SqliteStore.create(folder, DATABASE, OWNER)
    store.write([entry(1, kind=EntryKind.MIGRATION)], SCHEMA)
    chance = random.Random(7)
    for offset in range(2, 602):
        point = row(offset.to_bytes(8, "big"), chance.randbytes(200))
        note = row(b"note %d " % offset + b"." * 300)
        joined = ConnectionChange(ConnectionId.from_int(offset), Identity.from_int(offset), offset % 50 == 0)
        changes = (changed(4097, (), (point,)), changed(4098, (), (note,)))
        store.write([entry(offset, *changes, sequences=(SequenceState(4097, 0, offset),), connections=(joined,))])
        if offset % 50 == 0:
            store.commit()
    store.commit()
    store.close()
    return folder


def read(folder: Path) -> Content:
    """All that a server reads of a database."""
    store = SqliteStore(folder)
    try:
        with store.loading():
            found = store.load(), list(store.rows(4097)), list(store.rows(4098)), store.history(limit=10_000)
    finally:
        store.close()
    return found


def verdict(folder: Path) -> Content | StoreFault:
    """What is read, or why nothing is."""
    try:
        return read(folder)
    except StoreFault as fault:
        return fault


def garble(data: bytearray, chance: random.Random) -> str:
    """Do to a file what disks, copies and people do; what it was."""
    kind = chance.choice(("byte", "bit", "page", "zeros", "swap", "cut", "run"))
    pages = len(data) // 4096
    page, other, at = chance.randrange(pages), chance.randrange(pages), chance.randrange(len(data))
    here, there = slice(page * 4096, (page + 1) * 4096), slice(other * 4096, (other + 1) * 4096)
    if kind == "byte":
        data[at] = chance.randrange(256)
    elif kind == "bit":
        data[at] ^= 1 << chance.randrange(8)
    elif kind == "page":
        data[here] = chance.randbytes(4096)
    elif kind == "zeros":
        data[here] = bytes(4096)
    elif kind == "swap":
        data[here], data[there] = data[there], data[here]
    elif kind == "cut":
        del data[at:]
    else:
        data[at : at + 64] = chance.randbytes(len(data[at : at + 64]))
    return f"{kind} at {at}, pages {page} and {other}"


@pytest.mark.parametrize("seed", range(4))
def test_a_garbled_file_is_read_right_or_refused(original: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    whole, refused = read(original), 0
    for number in range(40):
        folder = tmp_path / str(number)
        shutil.copytree(original, folder)
        data = bytearray((folder / FILE).read_bytes())
        what = garble(data, chance)
        (folder / FILE).write_bytes(data)
        found = verdict(folder)
        if isinstance(found, StoreFault):
            refused += 1
            is_told = isinstance(found, StoreDamaged) or "newer stdbctl" in found.what
            assert is_told and FILE in str(found), f"seed {seed}, {what}: {found}"  # noqa: PT018  # one promise
        else:
            assert found == whole, f"seed {seed}, {what}"
        shutil.rmtree(folder)
    assert refused > 20, "most damage meets something that counts"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE rows_4097 SET data = zeroblob(200) WHERE key = (SELECT max(key) FROM rows_4097)", "checksum is wrong"),
        ("DELETE FROM rows_4098 WHERE key = (SELECT max(key) FROM rows_4098)", "600 were stored and 599 are there"),
        ("UPDATE sequences SET next = '1'", "its sequences"),
        ("DELETE FROM connections", "its connections"),
        ("UPDATE programs SET data = x'00'", "its schema"),
        ("UPDATE meta SET value = x'00' WHERE key = 'owner'", "a|owner"),
        ('DELETE FROM history WHERE "first" > 100', "its end"),
        ('UPDATE history SET entries = zeroblob(length(entries)) WHERE "first" = 2', "its history cannot be read"),
        ("DROP TABLE checks", "no such table: checks"),
        ("UPDATE checks SET sum = sum + 1 WHERE part = 'rows_4097'", "checksum is wrong"),
    ],
)
def test_what_somebody_else_changed_is_told_apart(original: Path, tmp_path: Path, statement: str, what: str) -> None:
    folder = tmp_path / "db"
    shutil.copytree(original, folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute(statement)
    with pytest.raises(StoreDamaged, match=what):
        read(folder)


def test_a_refused_file_is_refused_again(original: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    shutil.copytree(original, folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("DELETE FROM rows_4098")
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            read(folder)


def test_no_snapshot_is_taken_of_a_damaged_file(original: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    shutil.copytree(original, folder)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("DELETE FROM rows_4098 WHERE key = (SELECT max(key) FROM rows_4098)")
    snapshots = Snapshots(tmp_path / "snapshots", folder / FILE, lambda: 1)
    with pytest.raises(StoreDamaged, match="note"):
        snapshots.save("start")
    assert snapshots.all() == ()


def test_a_file_of_format_1_gets_its_checksums(original: Path, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    shutil.copytree(original, folder)
    whole = read(original)
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("DROP TABLE checks")
        other.execute("DROP TABLE definitions")
        other.execute('ALTER TABLE history DROP COLUMN "check"')
        other.execute("UPDATE meta SET value = 1 WHERE key = 'format'")
    assert read(folder) == whole
    store = SqliteStore(folder)
    store.write([entry(602, changed(4097, (), (row(b"last", b"row"),)))])
    store.commit()
    store.close()
    assert len(read(folder)[1]) == 601

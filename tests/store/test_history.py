"""History in blobs: what goes in comes out, however it is cut; what is damaged is refused."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stdbctl.records import Entry, EntryKind
from stdbctl.sats import ConnectionId, Identity, Timestamp
from stdbctl.store import HistoryEntry, SqliteStore, StoreFault
from stdbctl.store.history import BLOB_BYTES, KINDS, HistoryError, history_blobs, history_entries
from tests.store.samples import CALLER, PROGRAM, changed, entry, row

IDS = {PROGRAM.hash: 7}
HASHES = {7: PROGRAM.hash}
ENTRIES = st.builds(
    Entry,
    offset=st.just(0),
    kind=st.sampled_from(EntryKind),
    timestamp=st.integers(-(2**63), 2**63 - 1).map(Timestamp),
    caller=st.binary(min_size=32, max_size=32).map(Identity),
    connection_id=st.none() | st.integers(1, 2**128 - 1).map(ConnectionId.from_int),
    function=st.text(max_size=8),
    args=st.binary(max_size=40),
    seed=st.integers(0, 2**64 - 1),
    program_hash=st.sampled_from(("", PROGRAM.hash)),
    changes=st.just(()),
    sequences=st.just(()),
    connections=st.just(()),
)


def unpacked(entries: list[Entry]) -> list[HistoryEntry]:
    blobs = list(history_blobs(entries, IDS))
    return [found for first, _, _, blob in blobs for found in history_entries(first, blob, HASHES)]


@given(st.lists(ENTRIES, max_size=5), st.integers(1, 2**62))
def test_every_field_comes_back(given_entries: list[Entry], first: int) -> None:
    entries = [each._replace(offset=first + place) for place, each in enumerate(given_entries)]
    assert [found[:9] for found in unpacked(entries)] == [each[:9] for each in entries]


def test_every_kind_has_its_number() -> None:
    assert sorted(kind.value for kind in KINDS) == sorted(kind.value for kind in EntryKind)


def test_a_huge_group_becomes_several_blobs() -> None:
    big = b"x" * (BLOB_BYTES // 3)
    entries = [entry(offset)._replace(args=big) for offset in range(5, 13)]
    blobs = list(history_blobs(entries, IDS))
    assert [(first, last) for first, last, _, _ in blobs] == [(5, 7), (8, 10), (11, 12)]
    assert [micros for _, _, micros, _ in blobs] == [1_007, 1_010, 1_012]
    assert [found.offset for found in unpacked(entries)] == list(range(5, 13))


@given(st.data())
def test_a_blob_that_was_cut_off_is_refused(data: st.DataObject) -> None:
    entries = [entry(2, changed(4097, (), (row(b"k", b"row"),)))]
    ((first, _, _, blob),) = history_blobs(entries, IDS)
    cut = data.draw(st.integers(1, len(blob) - 1))
    with pytest.raises(HistoryError, match="entry 2"):
        list(history_entries(first, blob[:cut], HASHES))


def test_entries_are_found_in_the_middle_of_a_group(folder: Path) -> None:
    store = SqliteStore(folder)
    store.write([entry(offset) for offset in range(3, 10)])
    store.write([entry(offset) for offset in range(10, 12)])
    store.commit()
    assert [found.offset for found in store.history(after=5, limit=3)] == [6, 7, 8]
    assert [found.offset for found in store.history(after=8)] == [9, 10, 11]
    assert [found.offset for found in store.history(after=9, limit=1)] == [10]
    assert store.history(after=11) == ()
    assert store.load().last_offset == 11
    assert store.history(after=5)[0].caller == CALLER
    store.close()


def test_a_damaged_blob_of_history_is_reported(folder: Path) -> None:
    store = SqliteStore(folder)
    store._connection.execute("UPDATE history SET entries = substr(entries, 1, 40) WHERE first = 2")
    with pytest.raises(StoreFault, match="damaged"):
        store.history()
    store.close()


def test_a_transaction_that_is_too_large_for_the_history_is_refused_and_undone(folder: Path) -> None:
    store = SqliteStore(folder)
    last = store.load().last_offset
    store._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10_000)  # SQLite's own is 1,000,000,000
    large = entry(last + 1, changed(4097, (), (row(b"large", b"x" * 6_000), row(b"larger", b"x" * 6_000))))
    with pytest.raises(StoreFault, match="change less at a time"):
        store.write([large])
    store.rollback()
    store.write([entry(last + 1, changed(4097, (), (row(b"small", b"x"),)))])
    store.commit()
    assert store.load().last_offset == last + 1
    assert list(store.rows(4097))[-1:] == [b"x"]
    store.close()

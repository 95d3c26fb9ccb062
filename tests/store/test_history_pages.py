"""History that is read newest first while it is written, and that goes when it is old."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stdbctl.store import Retention, SqliteStore, StoreFault
from stdbctl.store.retention import STEP_GROUPS
from tests.store.conftest import Kit
from tests.store.samples import Store, changed, entry, row

DAY = 86_400_000_000
FOR_EVER = Retention(transactions=10**9, days=36_500)


def offsets(store: Store, before: int | None = None) -> list[int]:
    """All that is kept before an offset, page by page."""
    found: list[int] = []
    while page := store.history_page(found[-1] if found else before).entries:
        found += [each.offset for each in page]
    return found


def write_groups(store: Store, first: int, *sizes: int) -> None:
    for size in sizes:
        store.write([entry(offset) for offset in range(first, first + size)])
        store.commit()
        first += size


def test_pages_lead_from_the_newest_transaction_to_the_oldest(store: Store) -> None:
    write_groups(store, 2, 3, 1, 4)
    assert offsets(store) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert offsets(store, before=8) == [7, 6, 5, 4, 3, 2, 1]
    assert offsets(store, before=1) == []


def test_a_page_says_of_a_transaction_what_history_says(store: Store) -> None:
    store.write([entry(2, changed(4097, (), (row(b"k", b"row"),)))])
    store.commit()
    assert store.history_page().entries[0] == store.history(after=1)[0]


def test_a_page_has_only_what_is_committed(store: Store) -> None:
    store.write([entry(2)])
    assert offsets(store) == [1]
    store.commit()
    assert offsets(store) == [2, 1]


def test_pages_can_be_read_on_another_thread(store: Store) -> None:
    with ThreadPoolExecutor(1) as pool:
        for offset in range(2, 20):
            store.write([entry(offset)])
            reading = pool.submit(offsets, store)
            store.commit()
            assert reading.result() in (list(range(offset - 1, 0, -1)), list(range(offset, 0, -1)))


def test_the_newest_transactions_are_kept(kit: Kit, store: Store) -> None:
    write_groups(store, 2, *[1] * 9)
    assert not store.compact_history(Retention(transactions=4, days=36_500), now=0)
    assert offsets(store) == [10, 9, 8, 7]
    assert [each.offset for each in store.history()] == [7, 8, 9, 10]
    store.close()
    store = kit.reopen(store)
    assert store.load().last_offset == 10
    assert offsets(store) == [10, 9, 8, 7]
    store.close()


def test_nothing_goes_that_may_stay(store: Store) -> None:
    write_groups(store, 2, *[1] * 9)
    assert not store.compact_history(FOR_EVER, now=DAY)
    assert len(offsets(store)) == 10


def test_what_is_too_old_goes_and_the_newest_stays_whatever_its_age(kit: Kit, store: Store) -> None:
    write_groups(store, 2, 1, 1, 1)
    # The transactions have the times 1001 to 1004 µs.
    assert not store.compact_history(Retention(transactions=100, days=1), now=DAY + 1_003)
    assert offsets(store) == [4, 3]
    assert not store.compact_history(Retention(transactions=1, days=1), now=9 * DAY)
    assert offsets(store) == [4]
    store.close()
    store = kit.reopen(store)
    assert (store.load().last_offset, store.load().last_timestamp_micros) == (4, 1_004)
    write_groups(store, 5, 2)
    assert offsets(store)[:2] == [6, 5]
    store.close()


def test_rows_stay_when_their_history_goes(store: Store) -> None:
    store.write([entry(2, changed(4097, (), (row(b"k", b"row"),)))])
    store.commit()
    write_groups(store, 3, 1)
    store.compact_history(Retention(transactions=1, days=1), now=9 * DAY)
    assert list(store.rows(4097)) == [b"row"]


def test_a_file_is_compacted_in_steps(folder: Path) -> None:
    store = SqliteStore(folder)
    write_groups(store, 3, *[1] * (STEP_GROUPS + 9))
    last = STEP_GROUPS + 11
    keep_two = Retention(transactions=2, days=36_500)
    log = folder / "database.sqlite3-wal"
    assert store.compact_history(keep_two, now=0)
    assert log.stat().st_size > 0
    assert offsets(store) == list(range(last, STEP_GROUPS, -1))
    assert not store.compact_history(keep_two, now=0)
    assert log.stat().st_size == 0
    assert offsets(store) == [last, last - 1]
    store.close()


def test_a_step_is_over_after_some_bytes(folder: Path) -> None:
    store = SqliteStore(folder)
    for offset in range(3, 9):
        store.write([entry(offset)._replace(args=bytes(1024 * 1024))])
        store.commit()
    keep_one = Retention(transactions=1, days=36_500)
    assert store.compact_history(keep_one, now=0)
    assert offsets(store) == [8, 7, 6, 5]
    assert store.compact_history(keep_one, now=0)
    assert offsets(store) == [8, 7]
    assert not store.compact_history(keep_one, now=0)
    assert offsets(store) == [8]
    store.close()


def test_a_group_goes_whole_or_stays_whole(folder: Path) -> None:
    store = SqliteStore(folder)
    write_groups(store, 3, 5, 5)
    store.compact_history(Retention(transactions=7, days=36_500), now=0)
    assert offsets(store) == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    store.compact_history(Retention(transactions=5, days=36_500), now=0)
    assert offsets(store) == [12, 11, 10, 9, 8]
    store.close()


def test_a_damaged_group_is_reported(folder: Path) -> None:
    store = SqliteStore(folder)
    store._connection.execute("UPDATE history SET entries = substr(entries, 1, 40) WHERE first = 2")
    with pytest.raises(StoreFault, match="damaged"):
        store.history_page()
    assert [each.offset for each in store.history_page(before=2).entries] == [1]
    store.close()

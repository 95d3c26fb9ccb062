"""Groups of so many rows that they are written by one statement for each table, rather than by one for each row."""

import random
from collections.abc import Callable

import pytest

from stdbctl.records import EntryKind, SchemaChange, StoredRow
from tests.store.conftest import Kit
from tests.store.samples import PROGRAM, TABLES, Store, changed, entry, row

Make = Callable[[int], StoredRow]
MANY = 500


def numbered(number: int) -> StoredRow:
    """A key of fixed size with data of any size."""
    return row(number.to_bytes(4, "big"), b"d" * (1 + number % 40))


def worded(number: int) -> StoredRow:
    """A key of any size."""
    key = b"k" * (number % 40) + b"%d" % number
    return row(key, key + b" and more")


def keyless(number: int) -> StoredRow:
    """A row that is its own key; one of them is empty."""
    return row(b"" if number == 0 else b"%d." % number * (1 + number % 7))


@pytest.mark.parametrize(("make", "table_id"), [(numbered, 4097), (worded, 4097), (keyless, 4098)])
def test_a_large_group_leaves_what_its_rows_say(kit: Kit, store: Store, make: Make, table_id: int) -> None:
    rows = [make(number) for number in range(MANY)]
    random.Random(1).shuffle(rows)
    store.write([entry(2, changed(table_id, (), tuple(rows)))])
    store.commit()
    newer = [StoredRow((), each.data if each.key == each.data else each.data + b"!", each.key) for each in rows[200:]]
    kept = newer[100:]
    store.write(
        [entry(3, changed(table_id, tuple(rows), tuple(newer))), entry(4, changed(table_id, tuple(newer[:100])))]
    )
    store.commit()
    store.close()
    again = kit.reopen(store)
    assert list(again.rows(table_id)) == [each.data for each in sorted(kept, key=lambda each: each.key)]
    again.close()


def test_rows_of_megabytes_are_written_whole(store: Store) -> None:
    rows = tuple(row(number.to_bytes(4, "big"), bytes([number]) * 300_000) for number in range(64))
    store.write([entry(2, changed(4097, (), rows))])
    store.commit()
    assert tuple(store.rows(4097)) == tuple(each.data for each in rows)


def test_a_large_group_is_given_up_whole(store: Store) -> None:
    kept = numbered(7)
    store.write([entry(2, changed(4097, (), (kept,)))])
    store.commit()
    store.write([entry(3, changed(4097, (), tuple(numbered(number) for number in range(100, 100 + MANY))))])
    store.rollback()
    store.write([entry(3, changed(4097, (), (numbered(8),)))])
    store.commit()
    assert tuple(store.rows(4097)) == (kept.data, numbered(8).data)


def test_writes_of_one_group_keep_their_order(store: Store) -> None:
    rows = tuple(numbered(number) for number in range(MANY))
    store.write([entry(2, changed(4097, (), rows))])
    store.write([entry(3, changed(4097, (rows[0],), ()))])
    store.commit()
    assert tuple(store.rows(4097)) == tuple(each.data for each in rows[1:])


def test_a_table_may_be_dropped_in_the_group_that_filled_it(kit: Kit, store: Store) -> None:
    rows = tuple(numbered(number) for number in range(MANY))
    store.write([entry(2, changed(4097, (), rows))])
    emptied = entry(3, changed(4097, rows, ()), kind=EntryKind.MIGRATION)
    store.write([emptied], SchemaChange(PROGRAM, (), (4097,), TABLES[1:]))
    store.commit()
    store.close()
    again = kit.reopen(store)
    assert [table.table_id for table in again.load().tables] == [4098, 4099]
    again.close()

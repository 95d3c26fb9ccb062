"""What transactions were made under is kept as long as they are, and no longer."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from stdbctl.records import StoredTable
from stdbctl.store import (
    HistoryPage,
    Retention,
    SnapshotRetention,
    Snapshots,
    SqliteStore,
    StoreDamaged,
    StoredDefinition,
    restore_closed,
)
from tests.store.conftest import Kit
from tests.store.samples import CALLER, DATABASE, SCHEMA, TABLES, Store, entry

FILE = "database.sqlite3"
NAMES = {4097: "point", 4098: "note", 4099: "shout"}
RETENTION = SnapshotRetention(automatic=100, automatic_bytes=10**9)
FIRST = StoredDefinition(1, b"", NAMES)


def deploy(store: Store, offset: int, definition: bytes, tables: tuple[StoredTable, ...] = TABLES) -> None:
    """A deploy that says something else of itself."""
    store.write([entry(offset)], replace(SCHEMA, created=(), catalog=tables, definition=definition))
    store.commit()


def pages(store: Store) -> list[HistoryPage]:
    """All that is kept, the newest page first."""
    found: list[HistoryPage] = []
    while (page := store.history_page(found[-1].entries[-1].offset if found else None)).entries:
        found.append(page)
    return found


def definitions(store: Store) -> list[StoredDefinition]:
    """All that the kept transactions were made under, oldest first."""
    return sorted({each.since: each for page in pages(store) for each in page.definitions}.values())


def test_a_page_comes_with_what_it_was_made_under(kit: Kit, store: Store) -> None:
    deploy(store, 2, b"second")
    store.write([entry(3)])
    store.commit()
    renamed = (replace(TABLES[0], name="dot"), *TABLES[1:])
    deploy(store, 4, b"third", renamed)
    store.close()
    store = kit.reopen(store)
    second, third = StoredDefinition(2, b"second", NAMES), StoredDefinition(4, b"third", {**NAMES, 4097: "dot"})
    assert definitions(store) == [FIRST, second, third]
    newest = store.history_page()
    assert newest.entries[0].offset == 4
    assert newest.definitions[-2:] == (second, third)
    store.close()


def test_a_deploy_that_defines_nothing_new_adds_nothing(store: Store) -> None:
    for offset, definition in enumerate((b"a", b"a", b"b", b"b", b"a"), 2):
        deploy(store, offset, definition)
    assert [(each.since, each.definition) for each in definitions(store)] == [(1, b""), (2, b"a"), (4, b"b"), (6, b"a")]


def test_a_deploy_that_is_rolled_back_defined_nothing(store: Store) -> None:
    store.write([entry(2)], replace(SCHEMA, created=(), definition=b"lost"))
    store.rollback()
    deploy(store, 2, b"kept")
    assert [(each.since, each.definition) for each in definitions(store)] == [(1, b""), (2, b"kept")]


def test_definitions_go_with_the_last_transaction_made_under_them(kit: Kit, store: Store) -> None:
    for offset in range(2, 10):
        if offset % 3:
            store.write([entry(offset)])
            store.commit()
        else:
            deploy(store, offset, b"since %d" % offset)
    assert [each.since for each in definitions(store)] == [1, 3, 6, 9]
    store.compact_history(Retention(transactions=4, days=36_500), now=0)
    assert [each.offset for page in pages(store) for each in page.entries] == [9, 8, 7, 6]
    assert [each.since for each in definitions(store)] == [3, 6, 9]  # what transaction 6 deleted is of 3's
    store.compact_history(Retention(transactions=2, days=36_500), now=0)
    assert [each.since for each in definitions(store)] == [6, 9]
    store.close()
    store = kit.reopen(store)
    assert [each.since for each in definitions(store)] == [6, 9]
    store.close()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM definitions WHERE since = 3",
        "UPDATE definitions SET definition = x'00' WHERE since = 3",
        "UPDATE definitions SET since = 2 WHERE since = 3",
        "DROP TABLE definitions",
    ],
)
def test_a_damaged_definition_is_found(folder: Path, change: str) -> None:
    store = SqliteStore(folder)
    deploy(store, 3, b"third")
    store.close()
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute(change)
    with pytest.raises(StoreDamaged, match="definitions"):
        SqliteStore(folder)


def test_a_file_of_format_2_is_brought_to_the_present_one(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("DROP TABLE definitions")
        other.execute("DELETE FROM checks WHERE part = 'definitions'")
        other.execute("UPDATE meta SET value = 2 WHERE key = 'format'")
    for _ in range(2):
        store = SqliteStore(folder)
        assert definitions(store) == []
        store.close()
    store = SqliteStore(folder)
    deploy(store, 3, b"third")
    assert definitions(store) == [StoredDefinition(3, b"third", NAMES)]
    store.check()
    store.close()


def test_a_restored_program_brings_its_definition(folder: Path, tmp_path: Path) -> None:
    store = SqliteStore(folder)
    deploy(store, 3, b"of the snapshot")
    store.close()
    kept = Snapshots(tmp_path / "snapshots", folder / FILE, lambda: 1)
    kept.save("good")
    store = SqliteStore(folder)
    deploy(store, 4, b"later")
    store.close()
    restore_closed(
        folder, kept, "good", identity=DATABASE, caller=CALLER, now=9_000, keeps_program=False, retention=RETENTION
    )
    store = SqliteStore(folder)
    assert [(each.since, each.definition) for each in definitions(store)][-3:] == [
        (3, b"of the snapshot"),
        (4, b"later"),
        (5, b"of the snapshot"),
    ]
    store.close()

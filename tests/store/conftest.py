"""Stores of both kinds, empty and filled."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stdbctl.records import EntryKind
from stdbctl.store import MemoryStore, SqliteStore
from tests.store.samples import DATABASE, OWNER, SCHEMA, Store, changed, entry, row


class Kit(NamedTuple):
    """What a test needs to run against either kind of store."""

    create: Callable[[], Store]
    reopen: Callable[[Store], Store]


@pytest.fixture(params=["sqlite", "memory"])
def kit(request: pytest.FixtureRequest, tmp_path: Path) -> Kit:
    if request.param == "memory":
        return Kit(lambda: MemoryStore(DATABASE, OWNER), lambda store: store)
    return Kit(lambda: SqliteStore.create(tmp_path / "db", DATABASE, OWNER), lambda _: SqliteStore(tmp_path / "db"))


@pytest.fixture
def store(kit: Kit) -> Iterator[Store]:
    """A database with its three tables, deployed and committed."""
    made = kit.create()
    made.write([entry(1, kind=EntryKind.MIGRATION)], SCHEMA)
    made.commit()
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a SQLite database with its three tables and one row each, closed in order."""
    made = SqliteStore.create(tmp_path / "db", DATABASE, OWNER)
    made.write([entry(1, kind=EntryKind.MIGRATION)], SCHEMA)
    made.write([entry(2, changed(4097, (), (row(b"k", b"row"),)), changed(4098, (), (row(b"note"),)))])
    made.commit()
    made.close()
    return tmp_path / "db"

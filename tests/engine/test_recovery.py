"""What a database is after a restart: the same, to the order of its rows, from the disk and from memory alike."""

import contextlib
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from stdbctl.engine import ProgramMismatch, Store, UnreadableRows
from stdbctl.records import DONE
from stdbctl.sats import IDENTITY, ArrayType, option
from stdbctl.store import MemoryStore, SqliteStore, StoreDamaged

from .scripted import ALICE, BOB, DATABASE, OWNER, P, TableSpec, World, script

ROW = TableSpec(
    "row",
    {"id": P.U64, "owner": IDENTITY, "name": P.STRING, "x": P.F32, "tags": ArrayType(P.STRING), "note": option(P.I8)},
    "id",
    ("id",),
    unique=(("name",),),
    indexes=(("owner",),),
)
BAG = TableSpec("bag", {"x": P.F64})
SHOT = TableSpec("shot", {"x": P.U8}, is_event=True)

Reopen = Callable[[Store], Store]


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Reopen]:
    """A new store, and what opens it again."""
    if request.param == "memory":
        return MemoryStore(DATABASE, OWNER), lambda store: store

    def reopen(store: Store) -> Store:
        return SqliteStore(tmp_path)

    return SqliteStore.create(tmp_path, DATABASE, OWNER), reopen


def test_everything_is_the_same_after_a_restart(stores: tuple[Store, Reopen]) -> None:
    store, reopen = stores
    world = World(script(ROW, BAG, SHOT), store=store)
    ids = (300, 0, 7, 0)
    world.run(lambda t: [t.insert("row", n, ALICE, f"#{i}", 0.1, ["a", "b"], None) for i, n in enumerate(ids)])
    world.run(lambda t: [t.insert("bag", x) for x in (1.0, math.nan, -0.0, 0.0)])
    world.run(
        lambda t: [
            t.insert("shot", 1),
            t.update("row", 7, BOB, "seven", 0.7, [], -5),
            t.delete_by("row", "owner", ALICE),
        ]
    )
    world.run(lambda t: [t.insert("row", 0, BOB, str(n), n, [], 1) for n in range(3)])
    before = world.data("row", "bag"), world.db.last_offset
    world.db.flush()
    world.db.close()
    world.store = reopen(store)
    world.open()
    assert (world.data("row", "bag"), world.db.last_offset) == before
    assert world.ask(lambda t: t.find("row", "name", "seven"))[5] == -5
    assert len(world.ask(lambda t: t.seek("row", "owner", BOB))) == 4
    assert world.rows("shot") == []
    assert "Unique" in world.refusal(lambda t: t.insert("row", 0, BOB, "seven", 0, [], None))
    assert world.ask(lambda t: t.insert("row", 0, BOB, "next", 0, [], None))[0] == 6
    world.db.close()


def test_what_was_not_committed_is_gone_whole(stores: tuple[Store, Reopen]) -> None:
    store, reopen = stores
    world = World(script(ROW), store=store)
    world.run(lambda t: t.insert("row", 0, ALICE, "kept", 0, [], None))
    world.db.flush()
    world.run(lambda t: t.insert("row", 0, ALICE, "lost", 0, [], None))
    assert world.db.begin_commit() is not None
    world.db.close()
    world.store = reopen(store)
    world.open()
    assert [row[2] for row in world.rows("row")] == ["kept"]
    assert world.run(lambda t: t.insert("row", 0, ALICE, "new", 0, [], None)).outcome == DONE
    world.db.close()


def test_migrated_tables_come_back_as_migrated(stores: tuple[Store, Reopen]) -> None:
    store, reopen = stores
    old, new = script(BAG), script(BAG, ROW, version="2")
    world = World(old, new, store=store)
    world.run(lambda t: t.insert("bag", 1.5))
    world.db.publish(new)
    world.run(lambda t: t.insert("row", 0, ALICE, "a", 0, [], None))
    world.db.flush()
    world.db.close()
    world.store = reopen(store)
    world.open()
    assert world.program_hash == "2"
    assert (world.rows("bag"), [row[0] for row in world.rows("row")]) == ([(1.5,)], [1])
    world.db.close()


def test_a_program_without_the_stored_tables_is_not_opened() -> None:
    world = World(script(BAG))
    world.db.flush()
    world.host.scripts["1"] = script(ROW)
    with pytest.raises(ProgramMismatch, match="no table `bag`"):
        world.open()


@pytest.mark.parametrize("change", ["substr(data, 1, 5)", "CAST(data || x'00' AS BLOB)", "'text'", "7"])
def test_a_file_whose_rows_cannot_be_read_is_not_opened(tmp_path: Path, change: str) -> None:
    store = SqliteStore.create(tmp_path, DATABASE, OWNER)
    world = World(script(TableSpec("note", {"id": P.U8, "text": P.STRING}, "id")), store=store)
    world.ask(lambda t: [t.insert("note", n, "text") for n in range(200)])
    world.db.flush()
    (table,) = store.load().tables
    world.db.close()
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        connection.execute(f"UPDATE rows_{table.table_id} SET data = {change} WHERE key = x'07'")
        connection.commit()
    world.store = SqliteStore(tmp_path)
    with pytest.raises((UnreadableRows, StoreDamaged), match=r"rows of (table )?`note`"):
        world.open()
    world.store.close()


def test_rows_with_neighbouring_numbers_are_neighbours_in_the_store(stores: tuple[Store, Reopen]) -> None:
    """Least significant byte first, each of 256 new rows would change another page."""
    store, _ = stores
    second = TableSpec("second", {"name": P.STRING, "id": P.U16}, "id")
    first = TableSpec("first", {"id": P.U32, "name": P.STRING}, "id")
    world = World(script(first, second), store=store)
    numbers = (1, 255, 256, 257, 65_535)
    world.run(lambda t: [(t.insert("first", n, str(n)), t.insert("second", str(n), n)) for n in reversed(numbers)])
    world.run(lambda t: [t.update("first", 256, "new"), t.delete_by("second", "id", 257)])
    world.db.flush()
    rows = [list(store.rows(table.table_id)) for table in store.load().tables]
    assert [row[:4] for row in rows[0]] == [n.to_bytes(4, "little") for n in numbers]
    assert [row[-2:] for row in rows[1]] == [n.to_bytes(2, "little") for n in numbers if n != 257]
    world.db.close()

"""Columns added over stored rows: what the rows get, what it costs, and the way back when the disk says no."""

import pytest

from stdbctl.records import EntryKind
from stdbctl.store import MemoryStore

from .scripted import DATABASE, OWNER, DiskFull, FailingStore, P, ReducerSpec, Script, TableSpec, World, script

COLUMNS = {"id": P.U32, "group": P.U8}
ITEM = TableSpec("item", COLUMNS, "id", ("id",))
WIDER = TableSpec("item", {**COLUMNS, "level": P.U8}, "id", ("id",), indexes=(("level",),), defaults=((2, b"\x07"),))
OTHER = TableSpec("other", {"id": P.U32}, "id")


def _world(store: MemoryStore) -> tuple[World, Script]:
    """A database with three items and a row elsewhere, and a program that has a column more."""
    newer = script(WIDER, OTHER, version="2")
    world = World(script(ITEM, OTHER), newer, store=store)
    world.run(lambda t: [t.insert("item", 0, n) for n in range(3)])
    world.run(lambda t: t.insert("other", 1))
    world.db.flush()
    return world, newer


def test_stored_rows_get_the_default_at_once_and_after_a_restart() -> None:
    world, newer = _world(MemoryStore(DATABASE, OWNER))
    world.db.publish(newer, allow_breaking=True)
    for _ in range(2):
        assert world.rows("item") == [(1, 0, 7), (2, 1, 7), (3, 2, 7)]
        assert world.ask(lambda t: t.seek("item", "level", 7)) == world.rows("item")
        world.reopen()
    assert world.ask(lambda t: t.insert("item", 0, 9, 1)) == (4, 9, 1)


def test_only_rows_of_the_changed_table_are_written() -> None:
    store = MemoryStore(DATABASE, OWNER)
    world, newer = _world(store)
    world.db.publish(newer, allow_breaking=True)
    world.db.flush()
    migration = store.history()[-1]
    assert migration.kind is EntryKind.MIGRATION
    assert [(len(c.deleted), len(c.inserted)) for c in migration.changes] == [(3, 3)]


def test_a_publish_that_leaves_the_schema_alone_writes_no_row() -> None:
    store = MemoryStore(DATABASE, OWNER)
    world, _ = _world(store)
    world.db.publish(script(ITEM, OTHER, reducers=[ReducerSpec("more", lambda *_: None)], version="3"))
    world.db.flush()
    assert store.history()[-1].changes == ()


def test_a_failed_commit_brings_the_old_columns_back() -> None:
    store = FailingStore()
    world, newer = _world(store)
    world.run(lambda t: t.insert("item", 0, 3))
    world.db.publish(newer, allow_breaking=True)
    world.run(lambda t: [t.update("item", 1, 1, 1), t.delete("item", 2, 1, 7), t.insert("item", 0, 8, 8)])
    store.failing_commits = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    for _ in range(2):
        assert world.program_hash == "1"
        assert world.rows("item") == [(1, 0), (2, 1), (3, 2)]
        world.reopen()
    assert world.ask(lambda t: t.insert("item", 0, 3)) == (4, 3)
    world.db.publish(newer, allow_breaking=True)
    world.reopen()
    assert world.rows("item") == [(1, 0, 7), (2, 1, 7), (3, 2, 7), (4, 3, 7)]


def test_two_migrations_in_one_lost_commit_are_both_undone() -> None:
    store = FailingStore()
    rekeyed = TableSpec(
        "item", {**COLUMNS, "level": P.U8, "name": P.STRING}, "group", defaults=((2, b"\x07"), (3, b"\x00\x00\x00\x00"))
    )
    extra = TableSpec("extra", {"id": P.U32}, "id", ("id",))
    world, second = _world(store)
    third = world.host.scripts["3"] = script(rekeyed, OTHER, extra, version="3")

    def migrate() -> None:
        world.db.publish(second, allow_breaking=True)
        world.run(lambda t: t.insert("item", 0, 9, 1))
        world.db.publish(third, allow_breaking=True)
        world.run(lambda t: [t.insert("extra", 0), t.delete("item", 1, 0, 7, "")])

    migrate()
    store.failing_commits = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    assert (world.program_hash, world.rows("item")) == ("1", [(1, 0), (2, 1), (3, 2)])
    migrate()
    for _ in range(2):
        assert world.rows("item") == [(2, 1, 7, ""), (3, 2, 7, ""), (4, 9, 1, "")]
        assert world.rows("extra") == [(1,)]
        world.reopen()


def test_subscribers_hear_nothing_of_rewritten_rows_and_may_subscribe_anew() -> None:
    world, newer = _world(MemoryStore(DATABASE, OWNER))
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM item"])
    assert world.db.publish(newer, allow_breaking=True).drop == ("a",)
    world.connect("b")
    world.db.subscribe("b", 1, ["SELECT * FROM item WHERE level = 7"])
    (group,) = world.run(lambda t: t.insert("item", 0, 1, 7)).groups
    assert group.clients == ("b",)

"""Durability in groups: offsets move after the disk, and a failed commit takes memory back exactly."""

import pytest

from stdbctl.engine import Lost

from .scripted import BOB, DiskFull, FailingStore, P, TableSpec, World, script

ITEM = TableSpec("item", {"id": P.U64, "group": P.U8}, "id", ("id",), indexes=(("group",),))


@pytest.fixture
def world() -> World:
    world = World(script(ITEM), store=FailingStore())
    world.db.flush()
    return world


def _add(world: World, group: int = 0) -> None:
    world.run(lambda t: t.insert("item", 0, group))


def _store(world: World) -> FailingStore:
    assert isinstance(world.store, FailingStore)
    return world.store


def _fail(world: World) -> Lost:
    """Commit what is queued; the disk says no."""
    _store(world).failing_commits = 1
    commit = world.db.begin_commit()
    assert commit is not None
    with pytest.raises(DiskFull) as raised:
        commit()
    lost = world.db.end_commit(raised.value)
    assert lost is not None
    return lost


def test_durable_offset_moves_when_a_group_is_on_disk(world: World) -> None:
    _add(world)
    commit = world.db.begin_commit()
    assert commit is not None
    _add(world)
    assert (world.db.durable_offset, world.db.last_offset) == (1, 3)
    commit()
    assert world.db.durable_offset == 1
    assert world.db.end_commit(None) is None
    assert (world.db.durable_offset, world.db.last_offset) == (2, 3)
    world.db.flush()
    assert world.db.durable_offset == 3
    assert world.db.begin_commit() is None


def test_a_failed_commit_takes_memory_back_to_the_last_durable_transaction(world: World) -> None:
    _add(world, 1)
    world.db.flush()
    before = world.rows("item")
    world.db.flush()
    durable = world.db.durable_offset
    _add(world, 2)
    world.run(lambda t: (t.update("item", 1, 5), t.insert("item", 0, 3), t.delete("item", 2, 2)))
    world.run(lambda t: (t.delete("item", 1, 0), t.insert("item", 1, 9)))
    lost = _fail(world)
    assert (lost.first, lost.last) == (durable + 1, durable + 3)
    assert isinstance(lost.error, DiskFull)
    assert world.db.last_offset == world.db.durable_offset == durable
    assert world.rows("item") == before
    assert world.ask(lambda t: t.seek("item", "group", 1)) == [(1, 1)]
    assert world.ask(lambda t: t.seek("item", "group", 9)) == []


def test_numbers_of_lost_transactions_are_given_again(world: World) -> None:
    _add(world)
    _add(world)
    _fail(world)
    assert world.ask(lambda t: t.insert("item", 0, 0))[0] == 1


def test_what_queued_up_during_a_failing_commit_is_lost_with_it(world: World) -> None:
    _add(world)
    commit = world.db.begin_commit()
    assert commit is not None
    _add(world)
    lost = world.db.end_commit(DiskFull())
    assert lost is not None
    assert (lost.first, lost.last) == (2, 3)
    assert world.rows("item") == []


def test_a_failed_write_is_a_failed_commit(world: World) -> None:
    _add(world)
    _store(world).failing_writes = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    assert world.rows("item") == []


def test_the_database_goes_on_after_a_failed_commit(world: World) -> None:
    _add(world)
    _fail(world)
    _add(world, 7)
    world.db.flush()
    world.open()
    assert world.rows("item") == [(1, 7)]


def test_clients_whose_connection_or_subscription_is_lost_must_be_dropped(world: World) -> None:
    world.connect("early")
    world.connect("leaver")
    world.connect("quiet")
    world.db.subscribe("quiet", 1, ["SELECT * FROM item"])
    world.connect("late", BOB)
    world.db.flush()
    _add(world)
    world.db.subscribe("early", 1, ["SELECT * FROM item"])
    world.connect("new")
    world.db.subscribe("new", 1, ["SELECT * FROM item"])
    world.db.disconnect("leaver")
    lost = _fail(world)
    assert set(lost.clients) == {"early", "new", "leaver"}
    committed = world.run(lambda t: t.insert("item", 0, 1))
    assert [group.clients for group in committed.groups] == [("quiet",)]


def test_a_lost_disconnect_can_be_made_again(world: World) -> None:
    world.connect("a")
    world.db.flush()
    world.db.disconnect("a")
    assert _fail(world).clients == ("a",)
    world.db.disconnect("a")
    world.db.flush()
    assert world.store.load().connections == ()


def test_a_lost_connect_leaves_no_connection(world: World) -> None:
    world.connect("a")
    world.connect("b")
    world.db.disconnect("b")
    assert set(_fail(world).clients) == {"a", "b"}
    offset = world.db.last_offset
    assert world.db.disconnect("a").offset == world.db.disconnect("b").offset == offset
    world.db.flush()
    assert world.store.load().connections == ()


def test_a_first_publish_that_did_not_reach_the_disk_never_happened() -> None:
    store = FailingStore()
    store.failing_commits = 1
    program = script(ITEM)
    world = World(program, store=store, publish=False)
    world.db.publish(program)
    with pytest.raises(DiskFull):
        world.db.flush()
    assert world.db.program is None
    world.db.publish(program)
    world.db.flush()
    world.open()
    assert world.rows("item") == []


def test_a_migration_that_did_not_reach_the_disk_leaves_the_old_module() -> None:
    newer = TableSpec("item", {"id": P.U64, "group": P.U8}, "id", ("id",), unique=(("group",),))
    old, new = script(ITEM), script(newer, TableSpec("more", {"x": P.U8}), version="2")
    world = World(old, new, store=FailingStore())
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM item"])
    _add(world, 1)
    world.db.flush()
    _add(world, 2)
    world.db.publish(new)
    world.run(lambda t: (t.insert("item", 0, 3), t.insert("more", 1)))
    assert "Unique" in world.refusal(lambda t: t.insert("item", 0, 1))
    assert _fail(world).clients == ("a",)
    assert world.program_hash == "1"
    _add(world, 1)
    assert world.rows("item") == [(1, 1), (2, 1)]
    world.db.flush()
    world.open()
    assert world.rows("item") == [(1, 1), (2, 1)]


def test_a_store_that_cannot_roll_back_hides_nothing_of_what_was_lost(world: World) -> None:
    _add(world)
    _store(world).failing_rollbacks = 1
    lost = _fail(world)
    assert (lost.first, lost.last) == (2, 2)
    assert lost.error.__notes__ == ["the commit failed before: the disk is full"]
    assert world.rows("item") == []

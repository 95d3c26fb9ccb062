"""Deploys that lose rows: only those that were named, all of them in one transaction, and never by mistake."""

from typing import Any

import pytest

from stdbctl.engine import InitFailed
from stdbctl.errors import Problems, ReducerError
from stdbctl.records import EntryKind, OutcomeKind
from stdbctl.sats import SCHEDULE_AT, Ref, ScheduleAt, TimeDuration, Timestamp
from stdbctl.schema import Choices, Lifecycle, RemoveTable
from stdbctl.store import MemoryStore

from .scripted import OWNER, FailingStore, P, ReducerSpec, Script, Tables, TableSpec, World, script

ITEM = TableSpec("item", {"id": P.U32, "group": P.U8}, "id", ("id",))
OTHER = TableSpec("other", {"id": P.U32}, "id")
RETYPED = TableSpec("item", {"id": P.U32, "group": P.STRING}, "id", ("id",))
UNIQUE = TableSpec("item", {"id": P.U32, "group": P.U8}, "id", ("id",), unique=(("group",),))
DROP_ITEM = Choices(dropped=("item",))


def _world(*newer: Script, store: MemoryStore | None = None) -> World:
    """A database with three rows in `item` and one in `other`."""
    world = World(script(ITEM, OTHER), *newer, store=store)
    world.run(lambda t: [t.insert("item", 0, n % 2) for n in range(3)])
    world.run(lambda t: t.insert("other", 7))
    world.db.flush()
    return world


def _codes(world: World, newer: Script, choices: Choices) -> list[str]:
    with pytest.raises(Problems) as planned:
        world.db.plan(newer, choices)
    with pytest.raises(Problems) as raised:
        world.db.publish(newer, choices=choices, allow_breaking=True)
    codes = [problem.code for problem in raised.value.problems]
    assert codes == [problem.code for problem in planned.value.problems]
    assert len(world.rows("item")) == 3
    return codes


def _restarted(world: World) -> World:
    world.reopen()
    return world


def test_a_named_table_goes_with_its_rows_and_the_others_stay() -> None:
    newer = script(OTHER, version="2")
    world = _world(newer)
    assert _codes(world, newer, Choices()) == ["publish.table_has_rows"]
    plan = world.db.plan(newer, DROP_ITEM)
    assert plan.breaks_clients
    assert any(isinstance(step, RemoveTable) and step.table == "item" for step in plan.steps)
    world.db.publish(newer, choices=DROP_ITEM, allow_breaking=True)
    assert (sorted(world.ask(lambda t: t.catalog)), world.rows("other")) == (["other"], [(7,)])
    assert _restarted(world).rows("other") == [(7,)]


@pytest.mark.parametrize("changed", [RETYPED, UNIQUE], ids=["refused by its columns", "refused by its rows"])
def test_a_named_table_that_cannot_be_kept_is_made_anew(changed: TableSpec) -> None:
    newer = script(changed, OTHER, version="2")
    world = _world(newer)
    assert len(_codes(world, newer, Choices())) == 1
    before = world.ask(lambda t: t.id("item"))
    world.db.publish(newer, choices=DROP_ITEM, allow_breaking=True)
    assert (world.rows("item"), world.rows("other")) == ([], [(7,)])
    value = "x" if changed is RETYPED else 1
    assert world.ask(lambda t: t.insert("item", 0, value)) == (1, value)
    assert world.ask(lambda t: t.id("item")) > before
    assert _restarted(world).rows("item") == [(1, value)]


def test_nothing_is_dropped_that_can_be_kept() -> None:
    newer = script(ITEM, OTHER, reducers=[ReducerSpec("more", lambda *_: None)], version="2")
    world = _world(newer)
    assert _codes(world, newer, DROP_ITEM) == ["publish.drop_not_needed"]
    assert _codes(world, script(ITEM, OTHER), DROP_ITEM) == ["publish.drop_not_needed"]


def test_a_table_that_is_not_there_cannot_be_dropped() -> None:
    newer = script(OTHER, version="2")
    world = _world(newer)
    assert _codes(world, newer, Choices(dropped=("items",))) == ["publish.table_has_rows", "publish.unknown_table"]


def test_history_holds_the_rows_that_went_with_their_table_under_its_name() -> None:
    store = MemoryStore(OWNER, OWNER)
    newer, third = script(OTHER, version="2"), script(OTHER, TableSpec("fresh", {"id": P.U32}), version="3")
    world = _world(newer, third, store=store)
    gone = world.ask(lambda t: t.id("item"))
    world.db.publish(newer, choices=DROP_ITEM, allow_breaking=True)
    world.reopen()
    world.db.publish(third)
    world.db.flush()
    (entry,) = (e for e in store.history() if e.kind is EntryKind.MIGRATION and e.program_hash == "2")
    (change,) = entry.changes
    assert (change.table_id, len(change.deleted), change.inserted) == (gone, 3, ())
    assert world.db.table_names[gone] == "item"
    assert world.ask(lambda t: t.id("fresh")) not in (gone, world.ask(lambda t: t.id("other")))


def test_going_back_from_a_commit_that_failed_brings_the_rows_back() -> None:
    store = FailingStore()
    newer = script(OTHER, version="2")
    world = _world(newer, store=store)
    world.db.publish(newer, choices=DROP_ITEM, allow_breaking=True)
    store.failing_commits = 1
    with pytest.raises(Exception, match="disk is full"):
        world.db.flush()
    assert (world.program_hash, len(world.rows("item"))) == ("1", 3)
    assert len(_restarted(world).rows("item")) == 3


# --- starting over


def _fill(t: Tables, *_: Any) -> None:
    t.insert("item", 0, "fresh")


INIT = ReducerSpec("setup", _fill, lifecycle=Lifecycle.INIT)


def test_starting_over_drops_all_runs_init_and_ends_connections_without_a_word() -> None:
    seen: list[str] = []
    bye = ReducerSpec("bye", lambda *_: seen.append("bye"), lifecycle=Lifecycle.ON_DISCONNECT)
    newer = script(RETYPED, reducers=[INIT, bye], version="2")
    world = _world(newer)
    world.connect("one")
    published = world.db.publish(newer, clear=True)
    assert (published.is_new, published.is_changed, published.drop) == (False, True, ("one",))
    assert world.rows("item") == [(1, "fresh")]
    assert (world.db.disconnect("one").outcome.kind, seen) == (OutcomeKind.DONE, [])
    assert _restarted(world).rows("item") == [(1, "fresh")]
    assert seen == []


def test_starting_over_with_the_same_program_empties_it() -> None:
    world = _world()
    world.db.publish(script(ITEM, OTHER), clear=True)
    assert (world.rows("item"), world.rows("other")) == ([], [])
    assert world.ask(lambda t: t.insert("item", 0, 1)) == (1, 1)


def test_an_init_that_fails_costs_nothing_when_starting_over() -> None:
    def fail(*_: Any) -> None:
        raise ReducerError("not today")

    newer = script(RETYPED, reducers=[ReducerSpec("setup", fail, lifecycle=Lifecycle.INIT)], version="2")
    world = _world(newer)
    world.connect("one")
    offset = world.db.last_offset
    with pytest.raises(InitFailed, match="not today"):
        world.db.publish(newer, clear=True)
    assert (world.program_hash, world.db.last_offset, len(world.rows("item"))) == ("1", offset, 3)
    assert len(_restarted(world).rows("item")) == 3


def test_going_back_from_starting_over_brings_rows_and_connections_back() -> None:
    store = FailingStore()
    newer = script(RETYPED, reducers=[INIT], version="2")
    world = _world(newer, store=store)
    world.connect("one")
    world.db.flush()
    world.db.publish(newer, clear=True)
    store.failing_commits = 1
    commit = world.db.begin_commit()
    assert commit is not None
    with pytest.raises(Exception, match="disk is full") as failed:
        commit()
    lost = world.db.end_commit(failed.value)
    assert lost is not None
    assert lost.clients == ("one",)
    assert (world.program_hash, len(world.rows("item"))) == ("1", 3)
    world.db.disconnect("one")
    assert _restarted(world).rows("other") == [(7,)]


def test_rows_that_waited_wait_no_more_and_those_of_init_wait() -> None:
    job = TableSpec("job", {"id": P.U64, "at": SCHEDULE_AT}, "id", schedule=("at", "tick"))
    ran: list[int] = []
    tick = ReducerSpec("tick", lambda t, call, args: ran.append(args[0][0]), {"job": Ref(0)})
    init = ReducerSpec(
        "setup", lambda t, *_: t.insert("job", 2, ScheduleAt.at(Timestamp(9_000_000))), lifecycle=Lifecycle.INIT
    )
    newer = script(job, reducers=[tick, init], version="2")
    world = World(script(job, reducers=[tick]), newer)
    world.run(lambda t: t.insert("job", 1, ScheduleAt.every(TimeDuration(1_000))))
    world.db.publish(newer, clear=True)
    world.tick(5_000_000)
    assert (world.db.next_due, ran) == (9_000_000, [])
    world.tick(5_000_000)
    assert (world.db.next_due, ran) == (None, [2])

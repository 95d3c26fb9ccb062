"""Connections: who is let in, what runs when they go, and what a crash leaves."""

import pytest

from stdbctl.errors import ReducerError
from stdbctl.records import DONE, Call, OutcomeKind, Row
from stdbctl.sats import CONNECTION_ID, IDENTITY, Identity
from stdbctl.schema import Lifecycle

from .scripted import ALICE, BOB, DATABASE, OWNER, P, ReducerSpec, Script, Tables, TableSpec, World, script

ONLINE = TableSpec("online", {"connection": CONNECTION_ID, "who": IDENTITY}, "connection")
BANNED = TableSpec("banned", {"who": IDENTITY}, "who")
STUBBORN = TableSpec("stubborn", {"n": P.U8})


def _come(t: Tables, call: Call, args: Row) -> None:
    t.insert("online", call.connection_id, call.sender)
    if t.find("banned", "who", call.sender):
        raise ReducerError("you are banned")


def _go(t: Tables, call: Call, args: Row) -> None:
    t.delete("online", call.connection_id, call.sender)
    if t.count("stubborn"):
        raise RuntimeError("no")


def _script(version: str = "1") -> Script:
    reducers = (
        ReducerSpec("come", _come, lifecycle=Lifecycle.ON_CONNECT),
        ReducerSpec("go", _go, lifecycle=Lifecycle.ON_DISCONNECT),
    )
    return script(ONLINE, BANNED, STUBBORN, reducers=reducers, version=version)


@pytest.fixture
def world() -> World:
    return World(_script())


def _who(world: World) -> list[Identity]:
    return [row[1] for row in world.rows("online")]


def test_connecting_and_disconnecting_run_their_reducers(world: World) -> None:
    assert world.connect("a", ALICE).outcome == DONE
    assert world.connect("b", BOB).outcome == DONE
    assert _who(world) == [ALICE, BOB]
    assert world.db.disconnect("a").outcome == DONE
    assert _who(world) == [BOB]


def test_a_refused_connection_leaves_nothing(world: World) -> None:
    world.run(lambda t: t.insert("banned", BOB))
    offset = world.db.last_offset
    committed = world.connect("b", BOB)
    assert (committed.outcome.kind, committed.outcome.text) == (OutcomeKind.REFUSED, "you are banned")
    assert world.db.last_offset == offset
    assert world.db.disconnect("b").offset == offset
    assert _who(world) == []
    world.run(lambda t: t.delete("banned", BOB))
    assert world.connect("b", BOB).outcome == DONE


def test_a_failing_disconnect_ends_the_connection_all_the_same(world: World) -> None:
    world.connect("a")
    world.run(lambda t: t.insert("stubborn", 1))
    offset = world.db.last_offset
    committed = world.db.disconnect("a")
    assert committed.outcome.kind is OutcomeKind.FAILED
    assert committed.offset == world.db.last_offset == offset + 1
    assert _who(world) == [ALICE]
    world.db.flush()
    assert world.store.load().connections == ()


def test_others_hear_of_a_disconnect_and_the_one_who_went_does_not(world: World) -> None:
    world.connect("a")
    world.connect("b", BOB)
    for client in ("a", "b"):
        world.db.subscribe(client, 1, ["SELECT * FROM online"])
    committed = world.db.disconnect("a")
    assert committed.own == ()
    assert [group.clients for group in committed.groups] == [("b",)]


def test_after_a_crash_the_connections_that_died_are_ended(world: World) -> None:
    world.connect("a", ALICE)
    world.connect("b", BOB)
    world.db.disconnect("a")
    world.connect("c", ALICE)
    world.db.flush()
    world.connect("lost", ALICE)
    world.open()
    assert _who(world) == []
    assert world.db.durable_offset == world.db.last_offset - 1
    world.open()
    assert world.store.load().connections == ()


def test_after_a_crash_a_failing_disconnect_does_not_keep_the_database_shut(world: World) -> None:
    world.connect("a")
    world.run(lambda t: t.insert("stubborn", 1))
    world.db.flush()
    world.open()
    assert _who(world) == [ALICE]
    assert world.store.load().connections == ()


def test_a_module_without_the_reducers_still_keeps_connections() -> None:
    world = World(script(ONLINE))
    world.connect("a")
    world.db.flush()
    assert len(world.store.load().connections) == 1
    world.db.disconnect("a")
    world.db.flush()
    assert world.store.load().connections == ()
    assert (world.db.identity, world.db.owner) == (DATABASE, OWNER)

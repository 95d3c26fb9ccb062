"""What a caller is told, what the log says, what history keeps."""

from typing import Any

import pytest

from stdbctl.engine import BadArguments, LifecycleCall, NoSuchReducer
from stdbctl.records import DONE, SYSTEM_TARGET, Call, EntryKind, LogLevel, OutcomeKind
from stdbctl.sats import ConnectionId
from stdbctl.schema import Lifecycle

from .scripted import ALICE, BOB, DATABASE, OWNER, FailingStore, P, ReducerSpec, TableSpec, World, script

NOTE = TableSpec("note", {"id": P.U64, "text": P.STRING}, "id", ("id",))
calls: list[Call] = []


def _fail(text: str) -> None:
    raise RuntimeError(text)


REDUCERS = (
    ReducerSpec("add", lambda t, c, a: t.insert("note", 0, a[0]), {"theText": P.STRING}),
    ReducerSpec("note_call", lambda t, c, a: calls.append(c)),
    ReducerSpec("secret", lambda t, c, a: None, is_private=True),
    ReducerSpec("setup", lambda t, c, a: t.insert("note", 0, "first"), lifecycle=Lifecycle.INIT),
    ReducerSpec("crash", lambda t, c, a: _fail("boom")),
)


@pytest.fixture
def world() -> World:
    calls.clear()
    world = World(script(NOTE, reducers=REDUCERS))
    world.log.clear()
    return world


def _call(world: World, name: str, args: bytes = b"", *, is_owner: bool = False) -> Any:
    return world.db.call(name, args, identity=ALICE, connection_id=None, client=None, is_owner=is_owner)


def test_init_runs_once_and_before_anything_else(world: World) -> None:
    assert world.rows("note") == [(1, "first")]


def test_an_unknown_reducer_is_refused_and_logged(world: World) -> None:
    with pytest.raises(NoSuchReducer, match=r"^no such reducer$"):
        _call(world, "nope")
    (record,) = world.log
    assert record.level is LogLevel.ERROR
    assert (record.target, record.filename, record.function) == (SYSTEM_TARGET, SYSTEM_TARGET, "nope")
    assert record.message == (
        'External attempt to call nonexistent reducer "nope" failed. Have you run `spacetime generate` recently?'
    )


def test_a_private_reducer_exists_for_the_owner_only(world: World) -> None:
    with pytest.raises(NoSuchReducer):
        _call(world, "secret")
    assert _call(world, "secret", is_owner=True).outcome == DONE


def test_a_lifecycle_reducer_cannot_be_called(world: World) -> None:
    with pytest.raises(LifecycleCall, match="can't directly call special Init lifecycle reducer"):
        _call(world, "setup")


@pytest.mark.parametrize("args", [b"", b"\x01\0\0\0", b"\x01\0\0\0ab", b"\x01\0\0\0\xff"])
def test_arguments_that_do_not_decode_are_refused_and_logged(world: World, args: bytes) -> None:
    with pytest.raises(BadArguments, match=r"^invalid arguments for reducer add: "):
        _call(world, "add", args)
    (record,) = world.log
    assert record.message.startswith('External attempt to call reducer "add" failed, invalid arguments.\n')
    assert world.db.last_offset == 1


@pytest.mark.parametrize("data", [["hello"], {"theText": "hello"}])
def test_json_arguments_go_by_position_or_source_name(world: World, data: object) -> None:
    committed = world.db.call_json("add", data, identity=ALICE, connection_id=None, client=None, is_owner=False)
    assert committed.outcome == DONE
    assert world.rows("note")[-1] == (2, "hello")


@pytest.mark.parametrize("data", [[], ["a", "b"], {"text": "a"}, {}, [1], "a"])
def test_wrong_json_arguments_are_refused(world: World, data: object) -> None:
    with pytest.raises(BadArguments, match=r"^invalid arguments for reducer add: "):
        world.db.call_json("add", data, identity=ALICE, connection_id=None, client=None, is_owner=False)


def test_a_refusal_is_logged_with_the_reducers_time(world: World) -> None:
    committed = world.run(lambda t: t.update("note", 9, ""))
    (record,) = world.log
    assert committed.outcome.kind is OutcomeKind.REFUSED
    assert (record.level, record.function, record.message) == (LogLevel.ERROR, "run", committed.outcome.text)
    assert (record.target, record.ts) == (SYSTEM_TARGET, committed.timestamp.micros)


def test_a_crash_is_left_to_the_program_to_log(world: World) -> None:
    assert _call(world, "crash").outcome.kind is OutcomeKind.FAILED
    assert world.log == []


def test_timestamps_grow_although_the_clock_does_not(world: World) -> None:
    stamps = [_call(world, "note_call").timestamp.micros for _ in range(3)]
    world.micros -= 500
    stamps += [_call(world, "crash").timestamp.micros, _call(world, "note_call").timestamp.micros]
    world.micros += 10_000
    stamps.append(_call(world, "note_call").timestamp.micros)
    assert stamps == sorted(set(stamps))
    assert stamps[-1] == world.micros
    assert [call.timestamp.micros for call in calls] == [stamps[i] for i in (0, 1, 2, 4, 5)]


def test_timestamps_grow_across_a_restart(world: World) -> None:
    last = _call(world, "note_call").timestamp
    world.db.flush()
    world.micros = 1
    world.open()
    assert _call(world, "note_call").timestamp > last


def test_a_call_learns_its_circumstances(world: World) -> None:
    connection_id = ConnectionId.from_int(7)
    world.db.call("note_call", b"", identity=BOB, connection_id=connection_id, client=None, is_owner=False)
    assert calls[0].sender == BOB
    assert calls[0].connection_id == connection_id
    assert calls[0].database == DATABASE
    assert 0 <= calls[0].seed < 1 << 64


def test_every_call_has_its_own_seed(world: World) -> None:
    for identity in (ALICE, BOB, ALICE):
        world.call("note_call", identity=identity)
    assert len({call.seed for call in calls}) == 3


def test_every_committed_transaction_is_one_entry_of_history() -> None:
    store = FailingStore()
    world = World(script(NOTE, reducers=REDUCERS), store=store)
    calls.clear()
    world.call("note_call", identity=BOB)
    world.call("crash")
    world.call("add", "x")
    world.connect("a")
    world.db.disconnect("a")
    world.db.flush()
    entries = store.history()
    assert [(e.offset, e.kind, e.function) for e in entries] == [
        (1, EntryKind.LIFECYCLE, "setup"),
        (2, EntryKind.REDUCER, "note_call"),
        (3, EntryKind.REDUCER, "add"),
        (4, EntryKind.LIFECYCLE, ""),
        (5, EntryKind.LIFECYCLE, ""),
    ]
    assert (entries[0].caller, entries[0].connection_id) == (OWNER, None)
    assert (entries[1].caller, entries[1].seed, entries[1].changes) == (BOB, calls[0].seed, ())
    assert (entries[2].args, entries[2].program_hash) == (b"\x01\0\0\0x", "1")
    assert [data[8:] for data in entries[2].changes[0].inserted] == [b"\x01\0\0\0x"]

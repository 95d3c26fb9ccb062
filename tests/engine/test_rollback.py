"""A call that does not end well leaves everything as it was: rows, indexes, sorted orders, numbers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from stdbctl.engine import sequences
from stdbctl.errors import ReducerError
from stdbctl.records import OutcomeKind

from .scripted import P, Tables, TableSpec, World, script

ROW = TableSpec(
    "row",
    {"id": P.U64, "name": P.STRING, "group": P.U8, "x": P.I32},
    "id",
    ("id",),
    unique=(("name",),),
    indexes=(("group",), ("group", "x")),
)
SET = TableSpec("bag", {"x": P.I32, "y": P.I32}, indexes=(("y",),))
INDEXES = {"row": ("id", "name", "group", "group_x"), "bag": ("y",)}


@pytest.fixture
def world() -> World:
    world = World(script(ROW, SET))
    world.run(lambda t: [t.insert("row", 0, str(n), n % 2, n) for n in range(4)])
    world.run(lambda t: [t.insert("bag", n, n % 2) for n in range(4)])
    world.db.flush()
    return world


def state(world: World) -> dict[str, Any]:
    """Everything that a reducer can see."""

    def body(t: Tables) -> dict[str, Any]:
        seen: dict[str, Any] = {}
        for table, indexes in INDEXES.items():
            seen[table] = tuple(t.scan(table)), t.count(table)
            for index in indexes:
                seen[f"{table}.{index}"] = tuple(t.seek(table, index))
        seen["groups"] = [tuple(t.seek("row", "group", n)) for n in range(3)]
        seen["names"] = [t.find("row", "name", str(n)) for n in range(9)]
        return seen

    return world.ask(body)  # type: ignore[no-any-return]  # what a body gives is not typed


def everything(t: Tables) -> None:
    """Every kind of change, with rows that come back, move, and go."""
    t.update("row", 1, "moved", 1, 5)
    new = t.insert("row", 0, "new", 0, 0)[0]
    t.delete("row", 2, "", 0, 0)
    t.insert("row", 2, "1", 1, 1)
    t.update("row", 1, "0", 0, 0)
    t.update("row", new, "5", 1, 9)
    t.update("row", new, "5", 1, 10)
    t.delete("row", 3, "", 0, 0)
    t.insert("row", 3, "other", 0, 2)
    t.update("row", 3, "2", 0, 2)
    t.delete("bag", 0, 0)
    t.insert("bag", 0, 0)
    t.insert("bag", 9, 9)
    t.delete("bag", 9, 9)
    t.delete("bag", 1, 1)
    t.insert("bag", 7, 1)


@pytest.mark.parametrize("error", [ReducerError("no"), RuntimeError("bug")])
def test_a_failed_call_leaves_everything_as_it_was(world: World, error: Exception) -> None:
    def body(t: Tables) -> None:
        everything(t)
        raise error

    before = state(world)
    assert world.run(body).outcome.kind is not OutcomeKind.DONE
    assert state(world) == before
    assert world.ask(lambda t: t.insert("row", 0, "next", 0, 0))[0] == 5


def test_a_failed_call_is_no_part_of_history(world: World) -> None:
    offset = world.db.last_offset
    assert world.refusal(lambda t: t.update("row", 99, "", 0, 0))
    assert world.db.last_offset == offset


def test_what_cancels_within_a_call_is_no_change(world: World) -> None:
    def body(t: Tables) -> None:
        t.insert("bag", 9, 9)
        t.delete("bag", 9, 9)
        t.delete("bag", 1, 1)
        t.insert("bag", 1, 1)
        t.update("row", 1, "moved", 1, 1)
        t.update("row", 1, "0", 0, 0)
        t.delete("row", 2, "", 0, 0)
        t.insert("row", 2, "1", 1, 1)

    before = state(world)
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM row", "SELECT * FROM bag"])
    committed = world.run(body)
    assert (committed.own, committed.groups) == ((), ())
    assert state(world) == before


class Stop(BaseException):
    """What a signal handler raises to stop a call."""


@contextmanager
def stop_at(count: int, done: Callable[[], None]) -> Iterator[None]:
    """Raise Stop at the given line of the tables' own code; `done` is called when there are fewer lines."""
    left = count

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal left
        if event == "line" and frame.f_code.co_filename.startswith(("<table ", sequences.__file__)):
            left -= 1
            if left == 0:
                raise Stop
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(old)
    if left > 0:
        done()


def assert_sound(seen: dict[str, Any]) -> None:
    """Indexes say the same as rows."""
    rows, bag = seen["row"][0], seen["bag"][0]
    assert seen["row.id"] == rows
    assert seen["row.name"] == tuple(sorted(rows, key=lambda row: row[1]))
    assert seen["row.group"] == tuple(sorted(rows, key=lambda row: row[2]))
    assert seen["row.group_x"] == tuple(sorted(rows, key=lambda row: (row[2], row[3])))
    assert seen["bag.y"] == tuple(sorted(bag, key=lambda row: row[1]))
    assert seen["groups"] == [tuple(row for row in rows if row[2] == n) for n in range(3)]


def restore(world: World, before: dict[str, Any]) -> None:
    """Bring the rows back."""

    def body(t: Tables) -> None:
        for table in INDEXES:
            for row in t.scan(table):
                t.delete(table, *row)
            for row in before[table][0]:
                t.insert(table, *row)

    assert world.run(body).outcome.kind is OutcomeKind.DONE


@pytest.mark.parametrize("is_swallowed", [False, True])
def test_a_call_stopped_at_any_line_leaves_nothing_half_done(world: World, is_swallowed: bool) -> None:
    """A signal can come at any moment, and an author may even swallow what it raises and go on."""
    finished: list[bool] = []

    def body(t: Tables) -> None:
        try:
            with stop_at(count, lambda: finished.append(True)):
                everything(t)
        except Stop:
            if not is_swallowed:
                raise RuntimeError("stopped") from None

    before = state(world)
    count = cut_short = 0
    while not finished:
        count += 1
        outcome = world.run(body).outcome
        if outcome.kind is OutcomeKind.DONE:
            assert_sound(state(world))
            restore(world, before)
        else:
            cut_short += 1
            assert state(world) == before, f"stopped at line {count}"
    assert count > 300
    assert cut_short > 100

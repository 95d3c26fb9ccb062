"""What a database begins with: `init`, seed files, seed functions; at its first publish and after a reset."""

from dataclasses import replace
from typing import Any

import pytest

from stdbctl.engine import InitFailed
from stdbctl.errors import Problems, ReducerError
from stdbctl.records import EntryKind, Seed, SeedFunction
from stdbctl.schema import Lifecycle
from stdbctl.store import MemoryStore

from .scripted import DATABASE, OWNER, DiskFull, FailingStore, P, ReducerSpec, TableSpec, World, script

ITEM = TableSpec("item", {"id": P.U32, "word": P.STRING}, "id", ("id",))
FILE = ("module/seed/item.jsonl", b'{"word": "file"}\n')


def init(t: Any, *_: Any) -> None:
    t.insert("item", 0, "init")


def grow(t: Any, *_: Any) -> None:
    t.insert("item", 0, f"after {len(t.scan('item'))}")


def fail(t: Any, *_: Any) -> None:
    t.insert("item", 0, "never")
    raise ReducerError("no seeds left")


def seeded(body: Any = grow, *, file: tuple[str, bytes] = FILE, with_init: bool = True) -> Any:
    """A program that begins with `init`, a file and a function, in this order."""
    reducers = [ReducerSpec("init", init, lifecycle=Lifecycle.INIT)] if with_init else []
    made = script(ITEM, reducers=[*reducers, ReducerSpec("grow", body, is_private=True)])
    number = [reducer.name for reducer in made.reducers].index("grow")
    return replace(made, seed=Seed((file,), (SeedFunction(number, "grow"),)))


BEGINNING = [(1, "init"), (2, "file"), (3, "after 2")]


def test_a_first_publish_runs_init_files_and_functions_in_one_transaction() -> None:
    store = MemoryStore(DATABASE, OWNER)
    world = World(seeded(), store=store)
    world.db.flush()
    (entry,) = store.history()
    assert world.rows("item") == BEGINNING
    assert (entry.kind, entry.function, len(entry.changes[0].inserted)) == (EntryKind.LIFECYCLE, "init", 3)
    world.reopen()
    assert world.rows("item") == BEGINNING


def test_a_module_without_init_begins_with_its_seed_alone() -> None:
    store = MemoryStore(DATABASE, OWNER)
    world = World(seeded(with_init=False), store=store)
    world.db.flush()
    assert [(entry.kind, entry.function) for entry in store.history()] == [(EntryKind.MIGRATION, "")]
    assert world.rows("item") == [(1, "file"), (2, "after 1")]


def test_a_restart_and_a_new_version_do_not_seed() -> None:
    world = World(seeded(), store=MemoryStore(DATABASE, OWNER))
    world.db.flush()
    world.reopen()
    newer = replace(seeded(), version="2")
    world.host.scripts["2"] = newer
    world.db.publish(newer)
    assert world.rows("item") == BEGINNING


def test_a_seed_function_that_refuses_publishes_nothing() -> None:
    with pytest.raises(InitFailed, match="the seed `grow` failed: no seeds left"):
        World(seeded(fail))


def test_a_seed_file_that_does_not_fit_publishes_nothing() -> None:
    file = (FILE[0], b'{"word": "file"}\n{"word": 7}\n')
    with pytest.raises(Problems, match=r"`item\.word` expects a string, got 7") as caught:
        World(seeded(file=file))
    assert str(caught.value.problems[0].place) == "module/seed/item.jsonl:2:2"
    clash = (FILE[0], b'{"id": 1, "word": "file"}\n')
    with pytest.raises(Problems, match="a row of the table has it already"):
        World(seeded(file=clash))


def test_a_reset_begins_anew_and_counts_anew() -> None:
    store = MemoryStore(DATABASE, OWNER)
    world = World(seeded(), store=store)
    world.run(lambda t: [t.insert("item", 0, "mine") for _ in range(5)])
    begun = world.db.reset()
    assert (begun.deleted, begun.inserted) == (5, 0)
    world.db.flush()
    entry = store.history()[-1]
    assert world.rows("item") == BEGINNING
    assert (entry.kind, entry.function) == (EntryKind.RESET, "init")
    world.reopen()
    assert world.ask(lambda t: t.insert("item", 0, "next")) == (4, "next")


def test_a_reset_that_fails_leaves_everything() -> None:
    broken = False

    def sometimes(t: Any, *_: Any) -> None:
        (fail if broken else grow)(t)

    world = World(seeded(sometimes), store=MemoryStore(DATABASE, OWNER))
    world.run(lambda t: t.insert("item", 0, "mine"))
    before = world.rows("item")
    broken = True
    with pytest.raises(InitFailed):
        world.db.reset()
    assert world.rows("item") == before
    assert world.ask(lambda t: t.insert("item", 0, "next")) == (5, "next")


def test_a_reset_whose_commit_fails_never_happened() -> None:
    store = FailingStore()
    world = World(seeded(), store=store)
    world.run(lambda t: t.insert("item", 0, "mine"))
    world.db.flush()
    before = world.rows("item")
    world.db.reset()
    store.failing_commits = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    for _ in range(2):
        assert world.rows("item") == before
        world.reopen()
    assert world.ask(lambda t: t.insert("item", 0, "next")) == (5, "next")


def test_subscribers_hear_a_reset_as_the_difference() -> None:
    world = World(seeded())
    world.run(lambda t: t.insert("item", 0, "mine"))
    world.connect("a")
    world.db.subscribe("a", 1, ["SELECT * FROM item"])
    groups = world.db.reset().committed.groups
    ((_, (delta,)),) = groups[0].sets
    assert (len(delta.deleted), len(delta.inserted)) == (1, 0)

"""Migration functions: what they may, when they run, and what becomes of the rows when one fails."""

import sys
import threading
from pathlib import Path

import pytest

from stdbctl.engine import MigrationFailed, Progress
from stdbctl.errors import Problems
from stdbctl.records import OutcomeKind
from tests.migrations.world import OWNER, World

IMPORTS = """
import time
from dataclasses import dataclass
from stdbctl.module import AutoInc, PrimaryKey, ReducerContext, ReducerError, Unique, init, migration, reducer, table
from stdbctl.module import u8, u32
"""
OLD = (
    IMPORTS
    + """
@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    name: Unique[str]
    team: u8

@reducer
def join(ctx: ReducerContext, name: str) -> None:
    ctx.db[Player].insert(Player(name=name, team=1))

@init
def fill(ctx: ReducerContext) -> None:
    for name in ("ann", "bob", "eve"):
        ctx.db[Player].insert(Player(name=name, team=1))
"""
)
OLD_ROWS = [(1, "ann", 1), (2, "bob", 1), (3, "eve", 1)]
TABLE = """
@table(public=True)
class Player:
    id: PrimaryKey[AutoInc[u32]] = 0
    label: Unique[str]

@reducer
def join(ctx: ReducerContext, name: str) -> None:
    ctx.db[Player].insert(Player(label=name))
"""
OLD_ROW = """
@dataclass
class PlayerV1:
    id: u32
    name: str
    team: u8
"""
NEW = IMPORTS + TABLE + OLD_ROW
FUNCTION = """
@migration(Player)
def player_from_v1(ctx: ReducerContext, old: PlayerV1) -> Player | None:
    {body}
    return Player(id=old.id, label=old.name.upper())
"""


def new(body: str) -> str:
    return NEW + FUNCTION.format(body=body)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "database")
    world.publish(OLD)
    return world


@pytest.mark.parametrize("restarts", [False, True])
def test_rows_are_made_anew_and_numbers_go_on(world: World, restarts: bool) -> None:
    published = world.publish(new("pass"))
    assert published.rewritten == (Progress("player", "player_from_v1", 3, 3, 0),)
    if restarts:
        world.again()
    assert world.call("join", "zoe") is OutcomeKind.DONE
    assert world.call("join", "ANN") is OutcomeKind.REFUSED
    assert world.rows("player") == [(1, "ANN"), (2, "BOB"), (3, "EVE"), (4, "zoe")]


def test_function_that_has_run_may_stay_and_may_go(world: World) -> None:
    world.publish(new("pass"))
    assert world.plan(new("raise AssertionError")).steps == ()
    world.publish(new("raise AssertionError"))
    assert world.plan(IMPORTS + TABLE).steps == ()
    world.publish(IMPORTS + TABLE)
    assert [name for _, name in world.rows("player")] == ["ANN", "BOB", "EVE"]


def test_function_leaves_no_trace_in_the_definition(world: World) -> None:
    with_function, without = world.prepared(new("pass")).describe(), world.prepared(IMPORTS + TABLE).describe()
    assert (with_function.typespace, with_function.types) == (without.typespace, without.types)
    assert with_function == without


def test_first_publish_runs_no_function(tmp_path: Path) -> None:
    world = World(tmp_path / "fresh")
    assert world.publish(new("raise AssertionError")).is_new
    assert world.rows("player") == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("assert old.id < 2, 'too many'", 'File "module/__init__.py", line 24, in player_from_v1'),
        ("assert old.id < 2, 'too many'", "AssertionError: too many"),
        ("if old.id == 2: raise ReducerError('not bob')", "not bob"),
        ("if old.id == 2: return old", "returned PlayerV1(id=2"),
        ("if old.id == 2: return Player(id=1, label='x')", "value: 1"),
        ("if old.id == 2: return Player(id=old.id, label=7)", "got 7 (int)"),
        ("if old.id == 2: time.time()", "NotDeterministic"),
        ("if old.id == 2: raise SystemExit", "SystemExit"),
    ],
)
def test_function_that_fails_names_the_row_and_changes_nothing(world: World, body: str, reason: str) -> None:
    problem = world.refusal(new(body))
    assert isinstance(problem, MigrationFailed)
    assert (problem.table, problem.function, problem.row) == ("player", "player_from_v1", "id = 2")
    assert reason in problem.why
    assert world.rows("player") == OLD_ROWS
    assert world.call("join", "zoe") is OutcomeKind.DONE
    world.again()
    assert world.rows("player") == [*OLD_ROWS, (4, "zoe", 1)]


def test_function_may_make_several_rows_of_one(world: World) -> None:
    body = "if old.id == 2: ctx.db[Player].insert(Player(label='b1')); return Player(label='b2')"
    published = world.publish(new(body))
    assert published.rewritten[0].dropped == 0
    assert world.rows("player") == [(1, "ANN"), (3, "EVE"), (4, "b1"), (5, "b2")]


def test_rows_for_which_it_gives_none_are_dropped_and_counted(world: World) -> None:
    assert world.publish(new("if old.id != 2: return None")).rewritten[0].dropped == 2
    assert world.rows("player") == [(2, "BOB")]


def test_context_is_that_of_the_owner_and_the_same_for_all_rows(world: World) -> None:
    body = "return Player(id=old.id, label=f'{ctx.sender}{ctx.timestamp.micros}{ctx.random.random()}')"
    world.publish(new(body))
    labels = [str(label) for _, label in world.rows("player")]
    assert len(set(labels)) == 3
    assert len({label.split("0.")[0] for label in labels}) == 1
    assert all(label.startswith(str(OWNER)) for label in labels)


def test_failed_commit_brings_the_old_rows_back(world: World) -> None:
    world.database.flush()
    world.publish(new("pass"))
    assert world.database.begin_commit() is not None
    world.database.end_commit(OSError("no space left"))
    assert world.rows("player") == OLD_ROWS
    assert world.call("join", "zoe") is OutcomeKind.DONE
    world.again()
    assert world.rows("player") == [*OLD_ROWS, (4, "zoe", 1)]


def test_publish_in_steps_tells_how_far_it_is_and_can_be_given_up(world: World) -> None:
    steps = world.database.publishing(world.prepared(new("pass")), allow_breaking=True, pause=lambda: True)
    assert next(steps) == Progress("player", "player_from_v1", 0, 3, 0)
    assert next(steps) == Progress("player", "player_from_v1", 1, 3, 0)
    assert next(steps) == Progress("player", "player_from_v1", 2, 3, 0)
    assert world.rows("player") == OLD_ROWS
    steps.close()
    assert world.call("join", "zoe") is OutcomeKind.DONE
    assert world.rows("player") == [*OLD_ROWS, (4, "zoe", 1)]
    assert len(world.publish(new("pass")).rewritten) == 1


def test_function_that_is_told_to_stop_ends_and_changes_nothing(world: World) -> None:
    steps = world.database.publishing(
        world.prepared(new("while old.id == 2: pass")), allow_breaking=True, pause=lambda: True
    )
    assert next(steps) == Progress("player", "player_from_v1", 0, 3, 0)
    assert next(steps) == Progress("player", "player_from_v1", 1, 3, 0)
    is_over, running = threading.Event(), threading.get_ident()

    def interrupt() -> None:
        """Once it is inside the function, so that it is row 2 that is stopped."""
        while not is_over.wait(0.01):
            if sys._current_frames()[running].f_code.co_name == "player_from_v1":
                world.database.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(Problems) as caught:
            next(steps)
    finally:
        is_over.set()
        thread.join()
    (problem,) = caught.value.problems
    assert isinstance(problem, MigrationFailed)
    assert problem.row == "id = 2"
    assert "took longer than allowed" in problem.why
    assert "in player_from_v1" in problem.why
    assert world.rows("player") == OLD_ROWS


def test_dry_run_shows_rows_before_and_after_and_changes_nothing(world: World) -> None:
    assert world.call("join", "zoe") is OutcomeKind.DONE
    prepared = world.prepared(new("if old.id == 2: return None"))
    (sample,) = world.database.samples(prepared, world.database.plan(prepared))
    assert (sample.table, sample.function, sample.row_count) == ("player", "player_from_v1", 4)
    assert sample.rows == (
        ('(id = 1, name = "ann", team = 1)', '(id = 1, label = "ANN")'),
        ('(id = 2, name = "bob", team = 1)', None),
        ('(id = 3, name = "eve", team = 1)', '(id = 3, label = "EVE")'),
    )
    assert world.rows("player") == [*OLD_ROWS, (4, "zoe", 1)]
    assert world.call("join", "kim") is OutcomeKind.DONE


def test_new_sequence_goes_on_behind_the_numbers_that_rows_hold(tmp_path: Path) -> None:
    world = World(tmp_path / "numbers")
    uncounted = OLD.replace("id: PrimaryKey[AutoInc[u32]] = 0", "id: PrimaryKey[u32]")
    uncounted = uncounted.replace("Player(name=", "Player(id=5 + len(ctx.db[Player]), name=")
    world.publish(uncounted)
    world.publish(new("pass"))
    assert world.call("join", "zoe") is OutcomeKind.DONE
    assert world.rows("player") == [(5, "ANN"), (6, "BOB"), (7, "EVE"), (8, "zoe")]


def test_a_hundred_thousand_rows_are_made_in_one_transaction(tmp_path: Path) -> None:
    world = World(tmp_path / "many")
    many = OLD.replace('for name in ("ann", "bob", "eve")', "for name in map(str, range(100_000))")
    world.publish(many)
    world.database.flush()
    before = world.database.last_offset
    published = world.publish(new("if old.id % 10 == 0: return None"))
    assert published.rewritten == (Progress("player", "player_from_v1", 100_000, 100_000, 10_000),)
    assert world.database.last_offset == before + 1
    world.again()
    rows = world.rows("player")
    assert (len(rows), rows[0], rows[-1]) == (90_000, (1, "0"), (99_999, "99998"))

"""Tables and columns under other names: counters, keys, schedules and ids go on as if nothing had been renamed."""

from pathlib import Path

import pytest

from stdbctl.records import OutcomeKind
from tests.migrations.world import World

IMPORTS = """
from typing import Annotated
from stdbctl.module import AutoInc, Index, PrimaryKey, ReducerContext, ScheduleAt, TimeDuration, Unique
from stdbctl.module import column, init, reducer, table, u32, u64
"""
OLD = (
    IMPORTS
    + """
@table(public=True)
class Player:
    number: PrimaryKey[AutoInc[u32]] = 0
    login: Unique[str]

@table()
class Job:
    id: PrimaryKey[AutoInc[u64]] = 0
    at: ScheduleAt

@reducer(schedule=Job)
def run(ctx: ReducerContext, job: Job) -> None: ...

@reducer
def join(ctx: ReducerContext, login: str) -> None:
    ctx.db[Player].insert(Player(login=login))

@init
def fill(ctx: ReducerContext) -> None:
    ctx.db[Player].insert(Player(login="gone"))
    ctx.db[Player].delete(login="gone")
    ctx.db[Job].insert(Job(at=ScheduleAt(TimeDuration(7_000_000))))
"""
)
NEW = (
    OLD.replace("Player", "Member")
    .replace("number", "id")
    .replace("login", "name")
    .replace("Job", "Task")
    .replace(" at:", " due:")
    .replace("(at=", "(due=")
)
RENAMES = ("player:member", "member.number:id", "player.login:name", "job:task", "Task.at:due")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "database")
    world.publish(OLD)
    return world


@pytest.mark.parametrize("restarts", [False, True])
def test_numbers_keys_and_moments_go_on_under_the_new_names(world: World, restarts: bool) -> None:
    assert world.call("join", "ann") is OutcomeKind.DONE
    world.database.flush()
    ids = {table.name: (table.table_id, sorted(table.index_ids.values())) for table in world.store.load().tables}
    due = world.database.next_due
    world.now += 3_000_000
    world.publish(NEW, *RENAMES)
    if not restarts:
        assert world.database.next_due == due
    if restarts:
        world.again()
    assert world.call("join", "bob") is OutcomeKind.DONE
    assert world.call("join", "ann") is OutcomeKind.REFUSED
    assert world.rows("member") == [(2, "ann"), (3, "bob")]
    assert [row[0] for row in world.rows("task")] == [1]
    world.database.flush()
    named = {table.name: (table.table_id, sorted(table.index_ids.values())) for table in world.store.load().tables}
    assert (named["member"], named["task"]) == (ids["player"], ids["job"])


def test_rename_that_the_module_declares_is_done_once_and_may_stay(world: World) -> None:
    declared = NEW.replace("@table(public=True)", '@table(public=True, was="Player")')
    declared = declared.replace(
        "id: PrimaryKey[AutoInc[u32]]", 'id: Annotated[PrimaryKey[AutoInc[u32]], column(was="number")]'
    )
    declared = declared.replace("name: Unique[str]", 'name: Annotated[Unique[str], column(was=("nick", "login"))]')
    declared = declared.replace("@table()", '@table(was="job")').replace(
        "due: ScheduleAt", 'due: Annotated[ScheduleAt, column(was="at")]'
    )
    assert world.call("join", "ann") is OutcomeKind.DONE
    world.publish(declared)
    assert world.rows("member") == [(2, "ann")]
    world.publish(declared + "\n# saved again\n")
    world.publish(NEW)
    assert world.call("join", "bob") is OutcomeKind.DONE
    assert world.rows("member") == [(2, "ann"), (3, "bob")]


def test_failed_commit_brings_the_old_names_back(world: World) -> None:
    assert world.call("join", "ann") is OutcomeKind.DONE
    world.database.flush()
    world.publish(NEW, *RENAMES)
    assert world.database.begin_commit() is not None
    world.database.end_commit(OSError("no space left"))
    assert world.rows("player") == [(2, "ann")]
    assert world.call("join", "bob") is OutcomeKind.DONE
    world.again()
    assert world.rows("player") == [(2, "ann"), (3, "bob")]


def test_table_that_is_gone_is_offered_as_the_new_one_of_the_same_columns(world: World) -> None:
    changed = OLD.replace("Job", "Task")
    assert 'deploy with `--rename job:task`, or say so in the module: `@table(was="job")`' in world.refusal(changed).fix
    world.publish(changed, "job:task")
    assert len(world.rows("task")) == 1


BY_FUNCTION = """
from dataclasses import dataclass
from stdbctl.module import migration

@dataclass
class GamerV1:
    number: u32
    login: str

@migration(Gamer)
def gamer_from_v1(ctx: ReducerContext, old: GamerV1) -> Gamer:
    return Gamer(number=old.number, login=old.login, size=len(old.login))
"""


def test_table_that_is_gone_is_offered_as_the_new_one_whose_function_takes_its_rows(world: World) -> None:
    assert world.call("join", "ann") is OutcomeKind.DONE
    wider = OLD.replace("Player", "Gamer").replace("Unique[str]", "Unique[str]\n    size: u32")
    changed = wider.replace("login=login)", "login=login, size=0)").replace('login="gone"))', 'login="gone", size=0))')
    assert "`--rename player:gamer`" in world.refusal(changed + BY_FUNCTION).fix
    world.publish(changed + BY_FUNCTION, "player:gamer")
    assert world.rows("gamer") == [(2, "ann", 3)]

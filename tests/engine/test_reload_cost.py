"""What a deploy costs when many rows are stored: function calls, memory and bytes of the log are counted, not time.

`big` holds few or many rows, `small` always ten; rows of `job` wait for a day far ahead. One client is subscribed to
all of them.
"""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from stdbctl.engine import Committed, Database, Prepared
from stdbctl.module import PythonHost
from stdbctl.records import OutcomeKind, ProgramKind
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store import SqliteStore
from tests.support.counting import calls_of
from tests.support.server import program_of

FEW, MANY = 10, 10_000
SOMEBODY = Identity.from_int(3)
SLACK_BYTES = 32 * 1024
"""Room for pages that split and dictionaries that grow: three bytes a row of the many."""
SLACK_CALLS = 100
"""A hundredth of a call a row; the search trees of SQLite and of the indexes are a little deeper."""
SOURCE = '''"""Version 1."""

from stdbctl.module import (
    AutoInc, Index, PrimaryKey, ReducerContext, ScheduleAt, Timestamp, Unique, reducer, table, u32, u64,
)


@table(public=True)
class Big:
    id: PrimaryKey[AutoInc[u64]]
    name: Unique[str]
    team: Index[u32]


@table(public=True)
class Small:
    id: PrimaryKey[u32]
    team: u32


@table(public=True)
class Job:
    id: PrimaryKey[AutoInc[u64]]
    at: ScheduleAt


@reducer(schedule=Job)
def run(ctx: ReducerContext, job: Job) -> None: ...


@reducer
def fill(ctx: ReducerContext, first: u32, count: u32) -> None:
    for number in range(first, first + count):
        ctx.db[Big].insert(Big(id=0, name=str(number), team=number % 7))
        ctx.db[Job].insert(Job(id=0, at=ScheduleAt(Timestamp(10**13 + number))))
    for number in range(10):
        ctx.db[Small].insert(Small(id=number, team=number))


@reducer
def touch(ctx: ReducerContext) -> None:
    row = ctx.db[Big].find(name="1")
    assert row is not None
    row.team += 1
    ctx.db[Big].update(row)
'''.replace("@reducer\ndef run", '@reducer(schedule="Job")\ndef run')


class Cost(NamedTuple):
    """`calls` of functions; `peak_bytes` of memory beyond what stood before; `log_bytes` written to the file's log."""

    calls: int
    peak_bytes: int
    log_bytes: int


class Stored:
    """A database on disk, reopened, so that nothing is in SQLite's log; a client holds all its rows."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder, self.host = folder, PythonHost()
        self.database = self._opened(SqliteStore.create(folder, Identity.from_int(2), Identity.from_int(1)))
        self.publish(SOURCE)
        self.call("fill", 0, rows)
        self.publish(SOURCE.replace("Version 1", "Version 2"))
        self.database.flush()
        self.database.close()
        self.database = self._opened(SqliteStore(folder))
        self.database.connect("client", SOMEBODY, ConnectionId.from_int(1))
        self.database.subscribe("client", 1, ["SELECT * FROM big", "SELECT * FROM small", "SELECT * FROM job"])

    def _opened(self, store: SqliteStore) -> Database:
        return Database.open(store, {ProgramKind.PYTHON: self.host}, clock=lambda: 1_000_000, log=lambda _: None)

    def prepared(self, source: str) -> Prepared:
        prepared = self.host.prepare(program_of({"module/__init__.py": source}))
        assert not isinstance(prepared, Sequence), prepared
        return prepared

    def publish(self, source: str) -> None:
        self.database.publish(self.prepared(source), allow_breaking=True)

    def call(self, name: str, *args: object) -> Committed:
        committed = self.database.call_json(
            name, list(args), identity=SOMEBODY, connection_id=None, client=None, is_owner=False
        )
        assert committed.outcome.kind is OutcomeKind.DONE, committed.outcome
        return committed

    def cost_of(self, action: Callable[[], object]) -> Cost:
        """Of an action that can be done once only, so memory is measured while calls are counted."""
        self.database.flush()
        log = self.folder / "database.sqlite3-wal"
        before = log.stat().st_size
        gc.collect()
        gc.disable()  # what others left would be counted when it goes
        tracemalloc.start()
        try:
            calls = calls_of(action)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            gc.enable()
        return Cost(calls, peak, log.stat().st_size - before)

    def cost_of_call(self, name: str) -> tuple[Cost, Committed]:
        heard: list[Committed] = []
        return self.cost_of(lambda: heard.append(self.call(name))), heard[0]

    def cost_of_deploy(self, source: str) -> Cost:
        prepared = self.prepared(source)

        def deploy() -> None:
            self.database.publish(prepared, allow_breaking=True)
            self.database.flush()

        return self.cost_of(deploy)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Stored, Stored]]:
    """The same database with few rows and with many."""
    few, many = Stored(tmp_path / "few", FEW), Stored(tmp_path / "many", MANY)
    yield few, many
    few.database.close()
    many.database.close()


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Stored]:
    """One that is deployed to before both, so that whatever is kept from then on is there for both."""
    stored = Stored(tmp_path / "first", FEW)
    yield stored
    stored.database.close()


def assert_equal(few: Cost, many: Cost) -> None:
    assert many.calls - few.calls < SLACK_CALLS
    assert many.peak_bytes - few.peak_bytes < SLACK_BYTES
    assert many.log_bytes - few.log_bytes < SLACK_BYTES


def test_a_deploy_with_an_equal_schema_costs_nothing_per_row(first: Stored, both: tuple[Stored, Stored]) -> None:
    same = SOURCE.replace("Version 1", "Version 3")
    _, few, many = (stored.cost_of_deploy(same) for stored in (first, *both))
    assert_equal(few, many)


def test_a_changed_table_costs_nothing_per_row_of_the_others(first: Stored, both: tuple[Stored, Stored]) -> None:
    changed = SOURCE.replace("    team: u32\n", "    team: Index[u32]\n    level: u32 = 5\n")
    _, few, many = (stored.cost_of_deploy(changed) for stored in (first, *both))
    assert_equal(few, many)


def test_the_first_call_after_a_deploy_costs_what_any_call_costs(both: tuple[Stored, Stored]) -> None:
    costs = []
    for stored in both:
        stored.publish(SOURCE.replace("Version 1", "Version 5"))
        cost, committed = stored.cost_of_call("touch")
        costs.append(cost)
        ((sets, clients),) = committed.groups
        assert clients == ("client",), "who is subscribed stays so through a deploy"
        (delta,) = sets[0][1]
        assert (len(delta.inserted), len(delta.deleted)) == (1, 1)
    assert_equal(*costs)


def test_a_changed_table_costs_a_few_calls_per_row_of_its_own(both: tuple[Stored, Stored]) -> None:
    costs = [stored.cost_of_deploy(SOURCE.replace("name: Unique[str]", "name: str")) for stored in both]
    assert 0 < costs[1].calls - costs[0].calls <= 20 * (MANY - FEW)
    assert costs[1].log_bytes - costs[0].log_bytes < SLACK_BYTES, "an index is not stored"


def test_nothing_is_left_of_a_deploy_once_the_next_one_serves(both: tuple[Stored, Stored]) -> None:
    _, many = both
    for version in range(3):
        many.publish(SOURCE.replace("Version 1", f"Version {version + 6}"))
        many.database.flush()
    gc.collect()
    before = sys.getallocatedblocks()
    many.publish(SOURCE.replace("Version 1", "Version 9"))
    many.database.flush()
    gc.collect()
    assert sys.getallocatedblocks() - before < MANY // 4

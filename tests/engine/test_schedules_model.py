"""Schedules against a plain model: random rows, changes, time, lost commits and restarts."""

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from stdbctl.records import Call, Row
from stdbctl.sats import SCHEDULE_AT, Ref, ScheduleAt, TimeDuration, Timestamp

from .scripted import OWNER, DiskFull, FailingStore, P, ReducerSpec, Tables, TableSpec, World, script

DUE = TableSpec("due", {"id": P.U64, "at": SCHEDULE_AT}, "id", schedule=("at", "run_due"))
RUNS: list[int] = []


def run_due(tables: Tables, call: Call, args: Row) -> None:
    RUNS.append(args[0][0])


PROGRAM = script(DUE, reducers=[ReducerSpec("run_due", run_due, {"due": Ref(0)})])
_keys = st.integers(1, 4)
_steps = st.one_of(
    st.tuples(st.just("once"), _keys, st.integers(0, 40)),
    st.tuples(st.just("every"), _keys, st.integers(-9, 9)),
    st.tuples(st.just("delete"), _keys, st.just(0)),
    st.tuples(st.just("pass"), st.just(0), st.integers(0, 25)),
    st.tuples(st.just("pass"), st.just(0), st.integers(0, 3)),
    st.tuples(st.sampled_from(["save", "lose", "restart"]), st.just(0), st.just(0)),
)
"""Times in milliseconds: "once" is from now on, "pass" lets time pass and runs what is due."""
MS = 1000


class Waiting(NamedTuple):
    """A row of the model: its moment, and its interval as it was written (None = once)."""

    at: int
    interval_ms: int | None

    @property
    def every(self) -> int:
        return max(abs(self.interval_ms or 0), 1) * MS

    @property
    def repeats(self) -> bool:
        return self.interval_ms is not None


class Model:
    """Every row with its moment, looked through from end to end each time."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.rows: dict[int, Waiting] = {}
        self.saved: dict[int, Waiting] = {}
        self.touched: set[int] = set()
        """Rows that were written, deleted or ended since the last save."""

    def write(self, key: int, row: Waiting) -> None:
        """Write a row; one that says what it said before goes on waiting."""
        before = self.rows.get(key)
        if before is None or before.interval_ms != row.interval_ms or (not row.repeats and before.at != row.at):
            self.rows[key] = row
            self.touched.add(key)

    def delete(self, key: int) -> None:
        """Delete a row."""
        self.rows.pop(key, None)
        self.touched.add(key)

    def run(self) -> list[int]:
        """The keys that run now, in order."""
        ran = []
        while due := sorted((row.at, key) for key, row in self.rows.items() if row.at <= self.now):
            at, key = due[0]
            ran.append(key)
            row = self.rows.pop(key)
            if not row.repeats:
                self.touched.add(key)
            else:
                while at <= self.now:
                    at += row.every
                self.rows[key] = row._replace(at=at)
        return ran

    def save(self) -> None:
        """All so far is on disk."""
        self.saved = dict(self.rows)
        self.touched.clear()

    def lose(self) -> None:
        """Rows as they were last saved: those that were touched wait anew, others go on waiting."""
        anew = {key: self.anew(row) for key, row in self.saved.items()}
        self.rows = {key: row if key in self.touched else self.rows[key] for key, row in anew.items()}
        self.saved = dict(self.rows)
        self.touched.clear()

    def anew(self, row: Waiting) -> Waiting:
        """The row as if written now."""
        return row._replace(at=self.now + row.every) if row.repeats else row

    def restart(self) -> None:
        """Intervals start anew."""
        self.rows = {key: self.anew(row) for key, row in self.rows.items()}
        self.save()


def write(world: World, key: int, when: ScheduleAt) -> None:
    def body(t: Tables) -> None:
        t.delete_by("due", "id", key)
        t.insert("due", key, when)

    world.run(body)


def present(world: World) -> list[int]:
    return [row[0] for row in world.db.query("SELECT * FROM due", OWNER, True).rows]


@settings(deadline=None, max_examples=150)
@given(st.lists(_steps, min_size=1, max_size=40))
def test_what_runs_is_what_a_plain_list_of_moments_says(steps: list[tuple[str, int, int]]) -> None:
    world = World(PROGRAM, store=FailingStore())
    world.db.flush()
    model = Model(world.micros)
    for step in steps:
        RUNS.clear()
        assert perform(world, model, *step) == RUNS
        assert world.db.next_due == min((row.at for row in model.rows.values()), default=None)
        assert present(world) == sorted(model.rows)


def perform(world: World, model: Model, name: str, key: int, ms: int) -> list[int]:
    """Do one step to both; the keys that should have run."""
    match name:
        case "once":
            write(world, key, ScheduleAt.at(Timestamp(world.micros + ms * MS)))
            model.write(key, Waiting(world.micros + ms * MS, None))
        case "every":
            write(world, key, ScheduleAt.every(TimeDuration(ms * MS)))
            model.write(key, model.anew(Waiting(0, ms)))
        case "delete":
            world.run(lambda t: t.delete_by("due", "id", key))
            model.delete(key)
        case "pass":
            world.tick(ms * MS)
            model.now = world.micros
            return model.run()
        case "save":
            world.db.flush()
            model.save()
        case "lose":
            lose(world)
            model.lose()
        case _:
            world.reopen()
            model.restart()
    return []


def lose(world: World) -> None:
    """Have the disk refuse what is not saved yet."""
    commit = world.db.begin_commit()
    if commit is not None:
        world.db.end_commit(DiskFull())

"""Scheduled rows: when they run, in which order, as whom, and what becomes of them."""

from collections.abc import Callable

import pytest

from stdbctl.engine import NoSuchReducer
from stdbctl.errors import Problems, ReducerError
from stdbctl.records import Call, EntryKind, OutcomeKind, Row
from stdbctl.sats import SCHEDULE_AT, Ref, ScheduleAt, TimeDuration, Timestamp
from stdbctl.schema import Lifecycle
from tests.support.counting import calls_of

from .scripted import (
    BOB,
    DATABASE,
    OWNER,
    DiskFull,
    FailingStore,
    P,
    ReducerSpec,
    Script,
    Tables,
    TableSpec,
    World,
    script,
)

SECOND = 1_000_000
START = 1_000_000
"""What the clock of a new world says."""
ALARM = TableSpec("alarm", {"id": P.U64, "at": SCHEDULE_AT, "text": P.STRING}, "id", ("id",), schedule=("at", "ring"))
OTHER = TableSpec("other", {"at": SCHEDULE_AT, "id": P.U64, "text": P.STRING}, "id", schedule=("at", "ring_other"))
RANG = TableSpec("rang", {"n": P.U64, "id": P.U64, "text": P.STRING, "at": P.I64}, "n", ("n",))
SEEN: list[Call] = []


def ring(tables: Tables, call: Call, args: Row) -> None:
    """Note the row that is due; some texts make it do more."""
    key, when, text = args[0]
    SEEN.append(call)
    tables.insert("rang", 0, key, text, call.timestamp.micros)
    actions: dict[str, Callable[[], object]] = {
        "count": lambda: tables.update("alarm", key, when, "count"),
        "slower": lambda: tables.update("alarm", key, every(7 * SECOND), "slower"),
        "later": lambda: tables.update("alarm", key, at(call.timestamp.micros + SECOND), "later"),
        "gone": lambda: tables.delete("alarm", *args[0]),
        "again": lambda: tables.insert("alarm", 0, at(call.timestamp.micros + SECOND), "last"),
    }
    actions.get(text, lambda: None)()
    if text == "refuse":
        raise ReducerError("refused")
    if text == "fail":
        raise RuntimeError("failed")


def ring_other(tables: Tables, call: Call, args: Row) -> None:
    tables.insert("rang", 0, args[0][1], "other", call.timestamp.micros)


RING = ReducerSpec("ring", ring, {"alarm": Ref(0)})


def at(micros: int) -> ScheduleAt:
    return ScheduleAt.at(Timestamp(micros))


def every(micros: int) -> ScheduleAt:
    return ScheduleAt.every(TimeDuration(micros))


def alarms(version: str = "1", *more: TableSpec, reducers: tuple[ReducerSpec, ...] = (RING,)) -> Script:
    return script(ALARM, RANG, *more, reducers=reducers, version=version)


@pytest.fixture
def world() -> World:
    SEEN.clear()
    return World(alarms())


def put(world: World, *rows: tuple[ScheduleAt, str]) -> list[int]:
    """Insert alarms in one transaction; their ids."""
    ids: list[int] = []
    done = world.run(lambda t: ids.extend([t.insert("alarm", 0, *row)[0] for row in rows]))
    assert done.outcome.kind is OutcomeKind.DONE, done.outcome
    return ids


def insert(world: World, *row: object) -> None:
    world.ask(lambda t: t.insert("alarm", *row))


def table(world: World, name: str) -> list[Row]:
    """All rows, without a transaction: time stands still."""
    return list(world.db.query(f"SELECT * FROM {name}", OWNER, True).rows)


def rang(world: World) -> list[tuple[int, str, int]]:
    """(id, text, timestamp) of each run so far, in order."""
    return [(row[1], row[2], row[3]) for row in table(world, "rang")]


def moments(world: World) -> list[int]:
    return [row[3] for row in table(world, "rang")]


def waiting(world: World) -> list[int]:
    return [row[0] for row in table(world, "alarm")]


# --- one run


def test_a_row_runs_once_at_its_time_and_not_before(world: World) -> None:
    (key,) = put(world, (at(START + SECOND), "tea"))
    assert world.db.next_due == START + SECOND
    assert world.tick(SECOND - 1) == []
    assert waiting(world) == [key]
    (done,) = world.tick(1)
    assert done.outcome.kind is OutcomeKind.DONE
    assert rang(world) == [(key, "tea", START + SECOND)]
    assert waiting(world) == []
    assert world.db.next_due is None


def test_a_scheduled_call_comes_from_the_database_itself_without_a_connection(world: World) -> None:
    put(world, (at(0), "now"))
    world.tick()
    (call,) = SEEN
    assert (call.sender, call.connection_id, call.database) == (DATABASE, None, DATABASE)


def test_a_run_and_the_end_of_its_row_are_one_transaction_of_history(world: World) -> None:
    (key,) = put(world, (at(5), "tea"))
    world.tick()
    world.db.flush()
    *_, entry = world.store.history()  # type: ignore[attr-defined]  # the store in memory has one
    assert (entry.kind, entry.function, entry.caller) == (EntryKind.SCHEDULE, "ring", DATABASE)
    assert entry.args == key.to_bytes(8, "little") + b"\x01" + (5).to_bytes(8, "little") + b"\x03\0\0\0tea"
    assert len(entry.changes) == 2


def test_subscribers_see_the_row_come_and_go(world: World) -> None:
    world.connect("bob", BOB)
    world.db.subscribe("bob", 1, ["SELECT * FROM alarm"])
    come = world.run(lambda t: t.insert("alarm", 0, at(0), "tea"))
    (gone,) = world.tick()
    for committed, inserted, deleted in ((come, 1, 0), (gone, 0, 1)):
        (group,) = committed.groups
        ((_, (delta,)),) = group.sets
        assert (group.clients, len(delta.inserted), len(delta.deleted)) == (("bob",), inserted, deleted)


@pytest.mark.parametrize("text", ["refuse", "fail"])
def test_a_row_that_runs_once_goes_even_if_its_run_fails_and_nothing_else_stays(world: World, text: str) -> None:
    put(world, (at(0), text))
    failed, ended = world.tick()
    assert failed.outcome.kind is (OutcomeKind.REFUSED if text == "refuse" else OutcomeKind.FAILED)
    assert ended.outcome.kind is OutcomeKind.DONE
    assert (waiting(world), rang(world)) == ([], [])
    if text == "refuse":
        assert world.log[-1].message == "refused"
    world.db.flush()
    *_, entry = world.store.history()  # type: ignore[attr-defined]
    assert (entry.kind, entry.function, len(entry.changes)) == (EntryKind.SCHEDULE, "", 1)


def test_a_row_may_delete_itself_or_make_a_successor_but_not_postpone_itself(world: World) -> None:
    put(world, (at(0), "gone"), (at(1), "again"), (at(2), "later"))
    world.tick()
    assert [text for _, text, _ in rang(world)] == ["gone", "again", "later"]
    assert [row[2] for row in table(world, "alarm")] == ["last"]
    world.tick(2 * SECOND)
    assert [text for _, text, _ in rang(world)] == ["gone", "again", "later", "last"]
    assert waiting(world) == []


# --- intervals


def test_an_interval_runs_first_one_interval_after_its_row_was_written(world: World) -> None:
    (key,) = put(world, (every(10 * SECOND), "tick"))
    assert world.tick(10 * SECOND - 1) == []
    world.tick(1)
    world.tick(10 * SECOND)
    assert rang(world) == [(key, "tick", START + 10 * SECOND), (key, "tick", START + 20 * SECOND)]
    assert waiting(world) == [key]


def test_ticks_do_not_drift_and_missed_ones_are_skipped(world: World) -> None:
    put(world, (every(10_000), "tick"))
    for clock, next_due in ((10_003, 20_000), (20_002, 30_000), (29_999, 30_000), (63_000, 70_000), (70_000, 80_000)):
        world.micros = START + clock
        world.tick()
        assert world.db.next_due == START + next_due
    assert [moment - START for moment in moments(world)] == [10_003, 20_002, 63_000, 70_000]


def test_a_failing_interval_goes_on(world: World) -> None:
    put(world, (every(SECOND), "refuse"))
    assert [len(world.tick(SECOND)) for _ in range(3)] == [1, 1, 1]
    assert len(waiting(world)) == 1


def test_negative_intervals_count_by_their_size(world: World) -> None:
    put(world, (every(-SECOND), "tick"))
    assert world.tick(SECOND - 1) == []
    assert len(world.tick(1)) == 1


@pytest.mark.parametrize("micros", [0, 1, -1, 999, 1000])
def test_no_interval_is_shorter_than_a_millisecond(world: World, micros: int) -> None:
    put(world, (every(micros), "tick"))
    assert world.tick(999) == []
    assert len(world.tick(1)) == 1
    assert len(world.tick(1000)) == 1


def test_an_update_by_its_own_run_does_not_make_an_interval_drift(world: World) -> None:
    put(world, (every(10 * SECOND), "count"))
    world.tick(10 * SECOND + 700)
    assert world.db.next_due == START + 20 * SECOND


def test_a_run_may_change_its_own_interval(world: World) -> None:
    put(world, (every(SECOND), "slower"))
    world.tick(SECOND + 5)
    assert world.db.next_due == START + SECOND + 5 + 7 * SECOND


# --- what others do to a waiting row


def test_deleting_a_row_cancels_it(world: World) -> None:
    ids = put(world, (at(START + 5), "a"), (every(5_000), "b"))
    world.run(lambda t: [t.delete_by("alarm", "id", key) for key in ids])
    assert world.db.next_due is None
    assert world.tick(10 * SECOND) == []


def test_updating_a_row_makes_it_wait_anew(world: World) -> None:
    once, often = put(world, (at(START + 5_000), "a"), (every(6_000), "b"))
    world.micros += 4_000
    world.run(lambda t: [t.update("alarm", once, at(START + 20_000), "a"), t.update("alarm", often, every(6_000), "c")])
    assert world.db.next_due == START + 10_000
    world.run(lambda t: t.update("alarm", often, at(START + 30_000), "c"))
    assert world.db.next_due == START + 20_000
    world.tick(50_000)
    assert [text for _, text, _ in rang(world)] == ["a", "c"]


def test_what_was_rolled_back_waits_for_nothing(world: World) -> None:
    (key,) = put(world, (at(START + 9_000), "a"))

    def refused(t: Tables) -> None:
        t.insert("alarm", 0, at(0), "b")
        t.update("alarm", key, at(0), "a")
        raise ReducerError("no")

    world.refusal(refused)
    assert world.db.next_due == START + 9_000
    world.run(lambda t: t.delete("alarm", *t.insert("alarm", 0, at(0), "c")))
    assert world.tick() == []


def test_rows_run_by_moment_then_table_then_key_whenever_they_were_written() -> None:
    other = ReducerSpec("ring_other", ring_other, {"other": Ref(2)})
    world = World(alarms("1", OTHER, reducers=(RING, other)))
    world.run(lambda t: t.insert("other", at(7), 1, ""))
    for row in ((9, at(7), "a"), (2, at(7), "a"), (300, at(7), "a"), (1, at(8), "a"), (4, at(6), "a")):
        insert(world, *row)
    world.tick()
    assert [(key, text) for key, text, _ in rang(world)] == [
        (4, "a"),
        (2, "a"),
        (9, "a"),
        (300, "a"),
        (1, "other"),
        (1, "a"),
    ]
    assert moments(world) == sorted(set(moments(world)))


def test_a_row_that_an_earlier_one_deleted_does_not_run(world: World) -> None:
    def killer(tables: Tables, call: Call, args: Row) -> None:
        tables.insert("rang", 0, args[0][0], "", 0)
        for row in tables.scan("alarm"):
            tables.delete("alarm", *row)

    world = World(alarms(reducers=(ReducerSpec("ring", killer, {"alarm": Ref(0)}),)))
    put(world, (at(1), "a"), (at(1), "b"))
    assert len(world.tick()) == 1
    assert waiting(world) == []


# --- limits and calls from outside


@pytest.mark.parametrize("when", [at(START + 68_719_476_735_000), every(68_719_476_735_000), every(-(2**63))])
def test_a_row_too_far_ahead_is_refused(world: World, when: ScheduleAt) -> None:
    text = world.refusal(lambda t: t.insert("alarm", 0, when, "far"))
    assert text.startswith("`alarm.at` expects a moment less than 2.18 years (64^6 - 1 ms) ahead, got ")
    (key,) = put(world, (at(START), "near"))
    assert "2.18 years" in world.refusal(lambda t: t.update("alarm", key, when, "far"))
    assert waiting(world) == [key]


@pytest.mark.parametrize("when", [at(START + 68_719_476_734_999), every(68_719_476_734_999), at(-(2**63))])
def test_the_farthest_moments_are_taken(world: World, when: ScheduleAt) -> None:
    put(world, (when, "edge"))
    assert world.db.next_due is not None


def test_only_the_owner_may_call_a_scheduled_reducer_and_the_row_stays(world: World) -> None:
    (key,) = put(world, (at(START + SECOND), "tea"))
    args = [[key, {"Time": [START + SECOND]}, "tea"]]
    with pytest.raises(NoSuchReducer):
        world.db.call_json("ring", args, identity=BOB, connection_id=None, client=None, is_owner=False)
    world.db.call_json("ring", args, identity=OWNER, connection_id=None, client=None, is_owner=True)
    assert len(rang(world)) == 1
    assert waiting(world) == [key]


# --- restarts, saves, and a disk that says no


def test_after_a_restart_what_was_missed_runs_once_and_intervals_start_anew(world: World) -> None:
    once, often, late = put(world, (at(START + 5), "a"), (every(10 * SECOND), "b"), (at(START + 2**40), "c"))
    world.db.flush()
    world.db.close()
    world.micros += 60 * SECOND
    world.open()
    world.tick()
    assert [key for key, _, _ in rang(world)] == [once]
    assert world.db.next_due == START + 70 * SECOND
    world.tick(10 * SECOND)
    assert [key for key, _, _ in rang(world)] == [once, often]
    assert waiting(world) == [often, late]


def test_after_a_restart_with_a_clock_that_was_set_back_intervals_go_on() -> None:
    world = World(alarms())
    world.micros += 3600 * SECOND
    put(world, (every(SECOND), "tick"))
    world.tick(SECOND)
    world.db.flush()
    world.db.close()
    world.micros -= 3600 * SECOND
    world.open()
    for _ in range(3):
        world.tick(SECOND)
    assert len(rang(world)) == 4
    assert moments(world) == sorted(set(moments(world)))


def test_a_save_keeps_every_moment_and_its_code_runs_next() -> None:
    def changed(tables: Tables, call: Call, args: Row) -> None:
        tables.insert("rang", 0, args[0][0], "new", call.timestamp.micros)

    second = alarms("2", reducers=(ReducerSpec("ring", changed, {"alarm": Ref(0)}),))
    world = World(alarms(), second)
    put(world, (every(10 * SECOND), "tick"), (at(START + 12 * SECOND), "tea"))
    world.tick(4 * SECOND)
    world.db.publish(second)
    assert world.db.next_due == START + 10 * SECOND
    world.tick(6 * SECOND)
    world.tick(2 * SECOND)
    assert [text for _, text, _ in rang(world)] == ["new", "new"]


def test_a_schedule_may_come_and_go_with_a_save() -> None:
    plain = TableSpec("alarm", ALARM.columns, "id", ("id",))
    without = script(plain, RANG, version="2")
    world = World(alarms(), without, alarms("3"))
    put(world, (at(START + 5), "a"), (every(SECOND), "b"))
    world.db.publish(without)
    assert world.db.next_due is None
    world.run(lambda t: t.insert("alarm", 0, at(2**60), "far"))
    world.db.publish(world.host.scripts["3"])
    world.tick(5)
    world.tick(SECOND)
    assert [text for _, text, _ in rang(world)] == ["a", "b"]
    assert len(waiting(world)) == 2


def test_rows_that_wait_go_on_waiting_when_their_table_gets_a_column() -> None:
    wider = TableSpec(
        "alarm",
        {**ALARM.columns, "tries": P.U8},
        "id",
        ("id",),
        schedule=("at", "ring_wide"),
        defaults=((3, b"\x05"),),
    )

    def ring_wide(tables: Tables, call: Call, args: Row) -> None:
        tables.insert("rang", 0, args[0][3], args[0][2], call.timestamp.micros)

    second = script(wider, RANG, reducers=(ReducerSpec("ring_wide", ring_wide, {"alarm": Ref(0)}),), version="2")
    world = World(alarms(), second)
    put(world, (every(10 * SECOND), "tick"))
    world.tick(4 * SECOND)
    world.db.publish(second, allow_breaking=True)
    world.db.flush()
    assert world.db.next_due == START + 10 * SECOND
    world.tick(6 * SECOND)
    assert [(tries, text) for tries, text, _ in rang(world)] == [(5, "tick")]


def test_init_may_schedule_rows_and_a_failed_init_leaves_none() -> None:
    init = ReducerSpec("start", lambda t, c, a: t.insert("alarm", 0, at(0), "first"), lifecycle=Lifecycle.INIT)
    world = World(alarms(reducers=(RING, init)))
    world.tick()
    assert [text for _, text, _ in rang(world)] == ["first"]


def test_a_run_that_the_disk_refuses_never_happened_and_is_repeated() -> None:
    store = FailingStore()
    world = World(alarms(), store=store)
    once, often = put(world, (at(START + 5), "a"), (every(SECOND), "b"))
    world.db.flush()
    put(world, (at(START), "lost"))
    world.tick(5)
    world.run(lambda t: t.delete_by("alarm", "id", often))
    assert waiting(world) == []
    store.failing_commits = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    assert (waiting(world), rang(world)) == ([once, often], [])
    world.tick()
    assert [key for key, _, _ in rang(world)] == [once]
    assert len(world.tick(SECOND)) == 1


def test_a_publish_that_the_disk_refuses_gives_the_old_schedules_back() -> None:
    store = FailingStore()
    without = script(TableSpec("alarm", ALARM.columns, "id", ("id",)), RANG, version="2")
    world = World(alarms(), without, store=store)
    put(world, (at(START + 5), "a"))
    world.db.flush()
    world.db.publish(without)
    store.failing_commits = 1
    with pytest.raises(DiskFull):
        world.db.flush()
    assert world.db.next_due == START + 5


def test_a_schedule_of_an_event_table_is_refused_because_its_rows_never_wait() -> None:
    event = TableSpec("alarm", ALARM.columns, "id", ("id",), schedule=("at", "ring"), is_event=True)
    with pytest.raises(Problems, match="the schedule of event table `alarm` is declared"):
        World(script(event, RANG, reducers=(RING,)))


# --- cost


def test_waiting_rows_cost_a_tick_nothing(world: World) -> None:
    put(world, (every(SECOND), "tick"))
    world.tick(SECOND)
    alone = calls_of(lambda: world.tick(SECOND))
    put(world, *[(at(START + 10**12 + n), "wait") for n in range(20_000)])
    world.tick(SECOND)
    assert calls_of(lambda: world.tick(SECOND)) == alone


def test_rows_that_move_often_leave_no_rubbish_behind(world: World) -> None:
    (key,) = put(world, (at(START + 10**12), "a"))

    def move(to: int) -> None:
        world.run(lambda t: t.update("alarm", key, at(to), "a"))

    for n in range(5_000):
        move(START + 10**12 - n)
    assert world.db.next_due == START + 10**12 - 4_999
    assert calls_of(lambda: world.run(lambda t: t.delete_by("alarm", "id", key))) < 5_000
    assert calls_of(lambda: world.db.next_due) < 3 * 2_000

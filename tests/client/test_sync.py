"""The synchronous face against a real server."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stdbctl.client import (
    ConnectionClosed,
    EventContext,
    Inserted,
    InternalError,
    NoPlaceToWait,
    NoSuchDatabase,
    ReducerError,
    ServerNotReachable,
    SubscriptionError,
)
from tests.client.example_bindings import Color, Db, Nothing, Point, Reducers, SyncDbConnection, Tally, tables
from tests.support.server import RunningServer, serving

EXAMPLE = Path(__file__).parent / "example"
LIMIT_S = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("sync")) as running:
        yield running


@pytest.fixture
def conn(server: RunningServer, request: pytest.FixtureRequest) -> Iterator[SyncDbConnection]:
    """A connection to a database of the test's own; its threads must end with it."""
    name = request.node.name.replace("_", "-")[:60].rstrip("-")
    answer = server.publish(name, EXAMPLE)
    assert answer.status_code == 200, answer.text
    before = set(threading.enumerate())
    with SyncDbConnection.connect(server.url, name, call_timeout=LIMIT_S) as made:
        yield made
    assert set(threading.enumerate()) <= before


def add(conn: SyncDbConnection, x: float) -> None:
    conn.reducers.add_point(x=x, y=0.5, color=Color.RED, shape=Nothing(), note=None)


def poll_until(conn: SyncDbConnection, holds: Callable[[], bool]) -> None:
    """What a game loop does, until a state is there."""
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end
        conn.poll(timeout=1.0)


def test_a_script_reads_from_top_to_bottom(conn: SyncDbConnection) -> None:
    subscription = conn.subscribe(tables.point)
    add(conn, 2.0)
    assert [row.x for row in conn.db.point] == [2.0]
    assert conn.query(tables.point.where(x=2.0)) == list(conn.db.point)
    subscription.unsubscribe().result()
    assert len(conn.db.point) == 0


def test_refusals_are_raised_where_the_call_stands(conn: SyncDbConnection) -> None:
    with pytest.raises(ReducerError, match="x must not be negative"):
        add(conn, -1.0)
    with pytest.raises(InternalError):
        conn.reducers.fail()
    with pytest.raises(SubscriptionError):
        conn.subscribe("SELECT * FROM nope")


def test_a_game_polls_once_per_frame_and_callbacks_run_in_its_thread(conn: SyncDbConnection) -> None:
    conn.subscribe(tables.point)
    heard: list[tuple[float, int]] = []
    conn.db.point.on_insert(lambda ctx, row: heard.append((row.x, threading.get_ident())))
    calls = [
        conn.reducers_nowait.add_point(x=float(number), y=0.0, color=Color.RED, shape=Nothing(), note=None)
        for number in range(20)
    ]
    assert heard == []
    poll_until(conn, lambda: all(call.is_done for call in calls))
    assert heard == [(float(number), threading.get_ident()) for number in range(20)]


def test_poll_does_not_wait_for_anything(conn: SyncDbConnection) -> None:
    poll_until(conn, lambda: conn.is_active)
    began = time.monotonic()
    for _ in range(100):
        conn.poll()
    assert time.monotonic() - began < LIMIT_S / 4


def test_a_callback_may_call_but_not_wait(conn: SyncDbConnection) -> None:
    conn.subscribe(tables.point, tables.tally)
    raised: list[type[Exception]] = []

    def callback(ctx: EventContext[Db, Reducers], row: Point) -> None:
        ctx.reducers.tally(name="from a callback", count=1)
        for wait in (conn.reducers.clear_points, conn.poll, lambda: conn.subscribe(tables.ping)):
            try:
                wait()
            except NoPlaceToWait as error:
                raised.append(type(error))

    conn.db.point.on_insert(callback)
    add(conn, 1.0)
    poll_until(conn, lambda: len(conn.db.tally) == 1)
    assert raised == [NoPlaceToWait] * 3
    assert len(conn.db.point) == 1, "what could not be waited for was not sent either"


def test_a_thread_lets_things_take_effect_while_the_program_does_something_else(conn: SyncDbConnection) -> None:
    conn.subscribe(tables.tally)
    heard = threading.Event()
    threads: list[int] = []

    def callback(ctx: EventContext[Db, Reducers], row: Tally) -> None:
        threads.append(threading.get_ident())
        heard.set()

    conn.db.tally.on_insert(callback)
    conn.run_in_thread()
    conn.run_in_thread()
    conn.reducers_nowait.tally(name="a", count=1)
    assert heard.wait(LIMIT_S)
    conn.reducers.tally(name="b", count=2)
    assert threading.get_ident() not in threads
    assert len(conn.db.tally) == 2


def test_several_threads_may_wait_at_once(conn: SyncDbConnection) -> None:
    conn.subscribe(tables.tally)

    def work(first: int) -> None:
        for number in range(first, first + 20):
            conn.reducers.tally(name=str(number), count=number)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT_S)
    assert len(conn.db.tally) == 60


def test_a_stream_is_read_by_a_plain_loop(conn: SyncDbConnection) -> None:
    conn.subscribe(tables.tally)
    changes = conn.db.tally.changes()
    for count in range(3):
        conn.reducers_nowait.tally(name="a", count=count)
    seen = []
    for change in changes:
        assert isinstance(change, Inserted)
        seen.append(change.row.count)
        if len(seen) == 3:
            changes.close()
    assert seen == [0, 1, 2]
    assert changes.get() is None


def test_every_wait_has_a_timeout(conn: SyncDbConnection) -> None:
    changes = conn.db.tally.changes()
    with pytest.raises(TimeoutError, match="the next change of `tally`: no answer in 0"):
        changes.get(timeout=0.01)


def test_it_works_where_a_loop_is_running_already(server: RunningServer, conn: SyncDbConnection) -> None:
    async def notebook() -> int:
        conn.subscribe(tables.point)
        add(conn, 1.0)
        return len(conn.db.point)

    assert asyncio.run(notebook()) == 1


def test_a_closed_connection_says_so(conn: SyncDbConnection) -> None:
    conn.close()
    with pytest.raises(ConnectionClosed):
        add(conn, 1.0)
    with pytest.raises(ConnectionClosed):
        conn.subscribe(tables.point)


def test_what_was_sent_before_closing_still_reaches_the_server(server: RunningServer, conn: SyncDbConnection) -> None:
    database = conn._endpoint.database
    with SyncDbConnection.connect(server.url, database) as other:
        other.subscribe(tables.tally)
        conn.reducers_nowait.tally(name="last", count=1)
        conn.close()
        poll_until(other, lambda: len(other.db.tally) == 1)


def test_connections_that_cannot_be_made_leave_no_thread(server: RunningServer) -> None:
    before = set(threading.enumerate())
    with pytest.raises(NoSuchDatabase):
        SyncDbConnection.connect(server.url, "nowhere")
    with pytest.raises(ServerNotReachable):
        SyncDbConnection.connect("http://127.0.0.1:9", "nowhere")
    assert set(threading.enumerate()) <= before

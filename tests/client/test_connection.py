"""The asynchronous face against a real server."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from stdbctl.client import (
    ChangesOverflowed,
    Connecting,
    ConnectionClosed,
    Deleted,
    EventContext,
    Inserted,
    InternalError,
    InvalidArgument,
    NoSuchDatabase,
    QueryError,
    ReducerError,
    ReducerEvent,
    ServerNotReachable,
    SubscribeEvent,
    SubscriptionError,
    TokenFile,
    TokenRefused,
    TransactionEvent,
    UnsubscribeEvent,
    Updated,
    at_least,
    between,
)
from tests.client.example_bindings import Circle, Color, Db, DbConnection, Nothing, Ping, Point, Reducers, Tally, tables
from tests.support.server import RunningServer, serving

EXAMPLE = Path(__file__).parent / "example"
LIMIT_S = 60.0
Context = EventContext[Db, Reducers]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("client")) as running:
        yield running


@pytest.fixture
def database(server: RunningServer, request: pytest.FixtureRequest) -> str:
    """A database of the test's own."""
    name = request.node.name.replace("_", "-")[:60].rstrip("-")
    answer = server.publish(name, EXAMPLE)
    assert answer.status_code == 200, answer.text
    return str(name)


def run(work: Awaitable[None]) -> None:
    """Run on a loop that must be empty in the end."""

    async def go() -> None:
        async with asyncio.timeout(LIMIT_S):
            await work
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(go())


def connect(server: RunningServer, database: str) -> Connecting[DbConnection]:
    return DbConnection.connect(server.url, database)


async def add(conn: DbConnection, x: float, note: str | None = None) -> None:
    await conn.reducers.add_point(x=x, y=0.5, color=Color.BLUE, shape=Circle(1.5), note=note)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a state that a callback of the same loop brings about."""
    while not holds():
        await asyncio.sleep(0.005)


class Told:
    """What callbacks have heard."""

    def __init__(self, conn: DbConnection) -> None:
        self.all: list[tuple[str, type[Any], Any]] = []
        conn.db.point.on_insert(lambda ctx, row: self.all.append(("insert", type(ctx.event), row.x)))
        conn.db.point.on_delete(lambda ctx, row: self.all.append(("delete", type(ctx.event), row.x)))
        conn.db.point.on_update(lambda ctx, old, new: self.all.append(("update", type(ctx.event), (old.x, new.x))))

    def take(self) -> list[tuple[str, type[Any], Any]]:
        told, self.all = self.all, []
        return told


def test_a_call_is_over_when_the_cache_shows_what_it_did(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            await add(conn, 2.0, "hello")
            assert list(conn.db.point) == [
                Point(id=1, owner=conn.identity, x=2.0, y=0.5, color=Color.BLUE, shape=Circle(1.5), note="hello")
            ]

    run(work())


def test_callbacks_hear_of_what_changed_and_why(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with (
            DbConnection.connect(server.url, database) as conn,
            DbConnection.connect(server.url, database) as other,
        ):
            await add(other, 1.0)
            told = Told(conn)
            subscription = await conn.subscribe(tables.point)
            assert told.take() == [("insert", SubscribeEvent, 1.0)]
            await add(conn, 2.0)
            assert told.take() == [("insert", ReducerEvent, 2.0)]
            await conn.reducers.move_point(id=2, x=3.0)
            assert told.take() == [("update", ReducerEvent, (2.0, 3.0))]
            await other.reducers.clear_points()
            await until(lambda: len(conn.db.point) == 1)
            assert told.take() == [("delete", TransactionEvent, 1.0)]
            await subscription.unsubscribe()
            assert told.take() == [("delete", UnsubscribeEvent, 3.0)]
            assert subscription.is_ended

    run(work())


def test_the_event_of_an_own_call_says_what_was_called(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.tally)
            events: list[object] = []
            conn.db.tally.on_insert(lambda ctx, row: events.append(ctx.event))
            await conn.reducers.tally(name="a", count=7)
            (event,) = events
            assert isinstance(event, ReducerEvent)
            assert (event.reducer, event.args) == ("tally", {"name": "a", "count": 7})

    run(work())


def test_all_changes_are_applied_before_callbacks_and_callbacks_before_calls(
    server: RunningServer, database: str
) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            counts: list[int] = []
            conn.db.point.on_insert(lambda ctx, row: counts.append(len(ctx.db.point)))
            call = conn.reducers.add_many(count=3)
            call.on_done(lambda done: counts.append(-1))
            await call
            assert counts == [3, 3, 3, -1]

    run(work())


def test_rows_held_by_two_subscriptions_stay_until_both_have_ended(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            told = Told(conn)
            await add(conn, 1.0)
            await add(conn, 9.0)
            everything = await conn.subscribe(tables.point)
            some = await conn.subscribe(tables.point.where(lambda p: p.x > 5.0), tables.point.where(x=9.0))
            assert len(told.take()) == 2
            await conn.reducers.move_point(id=2, x=8.0)
            assert told.take() == [("update", ReducerEvent, (9.0, 8.0))]
            await everything.unsubscribe()
            assert told.take() == [("delete", UnsubscribeEvent, 1.0)]
            await conn.reducers.move_point(id=2, x=2.0)
            assert told.take() == [("delete", ReducerEvent, 8.0)]
            await some.unsubscribe()
            assert (told.take(), len(conn.db.point)) == ([], 0)

    run(work())


def test_rows_without_a_primary_key_come_and_go(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            first = await conn.subscribe(tables.tally)
            second = await conn.subscribe(tables.tally.where(name="a"))
            await conn.reducers.tally(name="a", count=1)
            await conn.reducers.tally(name="a", count=2)
            await first.unsubscribe()
            assert conn.db.tally.filter(count=2) == [Tally(name="a", count=2)]
            await second.unsubscribe()
            assert len(conn.db.tally) == 0

    run(work())


def test_event_tables_tell_once_and_keep_nothing(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.ping, tables.ping.where(sender=conn.identity))
            await conn.subscribe(tables.ping)
            heard: list[Ping] = []
            conn.db.ping.on_insert(lambda ctx, row: heard.append(row))
            await conn.reducers.ping(tags=["a", "b"])
            assert [(ping.sender, ping.tags) for ping in heard] == [(conn.identity, ["a", "b"])]

    run(work())


def test_rows_are_found_by_key_by_value_and_by_range(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            await conn.reducers.add_many(count=10)
            points = conn.db.point
            found = points.find(id=4)
            assert found is not None
            assert found.x == 3.0
            assert points.find(id=99) is None
            assert len(points.filter(owner=conn.identity)) == 10
            assert sorted(p.x for p in points.filter(owner=conn.identity, x=between(2.0, 4.0))) == [2.0, 3.0, 4.0]
            assert [p.id for p in points.filter(color=Color.GREEN, x=at_least(9.0))] == [10]
            await conn.reducers.clear_points()
            assert points.filter(owner=conn.identity) == []
            with pytest.raises(TypeError, match="did you mean `owner`"):
                points._filter(owners=1)

    run(work())


def test_a_loop_over_rows_sees_them_as_it_began(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            await conn.reducers.add_many(count=3)
            seen = 0
            for _ in conn.db.point:
                await add(conn, 1.0)
                seen += 1
            assert (seen, len(conn.db.point)) == (3, 6)

    run(work())


def test_refusals_and_failures_of_a_call_are_told_apart(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            with pytest.raises(ReducerError, match=r"^x must not be negative$"):
                await add(conn, -1.0)
            with pytest.raises(InternalError, match="reducer `fail` failed"):
                await conn.reducers.fail()
            with pytest.raises(InvalidArgument, match="`id` expects u64"):
                conn.reducers.move_point(id=-1, x=1.0)
            with pytest.raises(InvalidArgument, match="`color` expects Color"):
                conn.reducers.add_point(x=1.0, y=1.0, color="BLUE", shape=Nothing(), note=None)  # type: ignore[arg-type]
            await add(conn, 1.0)

    run(work())


def test_a_refused_subscription_leaves_the_others_alone(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            with pytest.raises(SubscriptionError, match="no such table: `nope`"):
                await conn.subscribe(tables.tally, "SELECT * FROM nope")
            await conn.reducers.tally(name="a", count=1)
            await add(conn, 1.0)
            assert (len(conn.db.tally), len(conn.db.point)) == (0, 1)

    run(work())


def test_a_query_is_answered_once_and_leaves_the_cache_alone(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.reducers.tally(name="a", count=1)
            await conn.reducers.tally(name="b", count=2)
            rows: list[Tally] = await conn.query(tables.tally.where(name="b"))
            assert rows == [Tally(name="b", count=2)]
            assert await conn.query("SELECT * FROM tally WHERE count = 1") == [Tally(name="a", count=1)]
            assert len(conn.db.tally) == 0
            with pytest.raises(QueryError, match="nope"):
                await conn.query("SELECT * FROM nope")

    run(work())


def test_a_stream_gives_every_change_in_order(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            changes = conn.db.point.changes()
            await add(conn, 1.0)
            await conn.reducers.move_point(id=1, x=2.0)
            await conn.reducers.clear_points()
            seen: list[object] = []
            async for change in changes:
                match change:
                    case Inserted(row):
                        seen.append(("inserted", row.x))
                    case Updated(old, new):
                        seen.append(("updated", old.x, new.x))
                    case Deleted(row):
                        seen.append(("deleted", row.x))
                        changes.close()
            assert seen == [("inserted", 1.0), ("updated", 1.0, 2.0), ("deleted", 2.0)]

    run(work())


def test_a_stream_that_overflows_ends_with_an_error_and_not_with_a_gap(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            changes = conn.db.point.changes(queue_len_max=2)
            await conn.reducers.add_many(count=3)
            with pytest.raises(ChangesOverflowed, match="more than 2 changes"):
                await anext(changes)

    run(work())


def test_a_stream_ends_with_its_connection(server: RunningServer, database: str) -> None:
    async def work() -> None:
        conn = await DbConnection.connect(server.url, database)
        changes = conn.db.point.changes()
        reader = asyncio.create_task(anext(changes, None))
        await conn.close()
        assert await reader is None

    run(work())


def test_a_removed_callback_hears_nothing_more(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            heard: list[int] = []

            def hear_once(ctx: Context, row: Point) -> None:
                heard.append(1)
                first.remove()
                second.remove()

            first = conn.db.point.on_insert(hear_once)
            second = conn.db.point.on_insert(lambda ctx, row: heard.append(2))
            conn.db.point.on_insert(lambda ctx, row: heard.append(3))
            await conn.reducers.add_many(count=2)
            assert heard == [1, 3, 3]
            first.remove()

    run(work())


def test_an_exception_in_a_callback_is_reported_and_stops_nothing(server: RunningServer, database: str) -> None:
    async def work() -> None:
        reports: list[tuple[str, str]] = []
        async with DbConnection.connect(
            server.url, database, on_error=lambda error, where: reports.append((repr(error), where))
        ) as conn:
            await conn.subscribe(tables.point)
            heard: list[float] = []

            def broken(ctx: Context, row: Point) -> None:
                raise ValueError("oh")

            conn.db.point.on_insert(broken)
            conn.db.point.on_insert(lambda ctx, row: heard.append(row.x))
            await conn.reducers.add_many(count=2)
            assert heard == [0.0, 1.0]
            assert [error for error, _ in reports] == ["ValueError('oh')"] * 2
            assert "broken` of table `point`" in reports[0][1]

    run(work())


def test_without_a_hook_errors_go_to_the_loops_exception_handler(server: RunningServer, database: str) -> None:
    async def work() -> None:
        contexts: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: contexts.append(context))
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            conn.db.point.on_insert(lambda ctx, row: 1 / 0)
            await add(conn, 1.0)
            (context,) = contexts
            assert isinstance(context["exception"], ZeroDivisionError)

    run(work())


def test_a_coroutine_function_is_no_callback(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async def callback(ctx: object, row: object) -> None: ...

        async with DbConnection.connect(server.url, database) as conn:
            with pytest.raises(TypeError, match="coroutine function"):
                conn.db.point.on_insert(callback)

    run(work())


def test_a_failure_that_nobody_looks_at_is_reported(server: RunningServer, database: str) -> None:
    async def work() -> None:
        reports: list[str] = []
        async with DbConnection.connect(
            server.url, database, on_error=lambda error, where: reports.append(where)
        ) as conn:
            conn.reducers.fail()
            await conn.reducers.clear_points()
            gc.collect()
            assert reports == ["reducer `fail` failed, and nobody asked for its result"]

    run(work())


def test_many_calls_at_once_are_answered_in_order(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.tally)
            names: list[str] = []
            conn.db.tally.on_insert(lambda ctx, row: names.append(row.name))
            calls = [conn.reducers.tally(name=str(number), count=number) for number in range(500)]
            for call in calls:
                await call
            assert names == [str(number) for number in range(500)]

    run(work())


def test_a_cancelled_wait_leaves_call_and_connection_sound(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            call = conn.reducers.add_many(count=5)
            waiting = asyncio.ensure_future(_wait_for(call))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
            await call
            assert len(conn.db.point) == 5

    run(work())


async def _wait_for(call: Awaitable[Any]) -> None:
    await call


def test_a_subscription_that_nobody_waits_for_any_more_is_taken_back(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await add(conn, 1.0)
            told = Told(conn)
            waiting = asyncio.ensure_future(_wait_for(conn.subscribe(tables.point)))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            await add(conn, 2.0)
            assert (told.take(), len(conn.db.point)) == ([], 0)
            await conn.subscribe(tables.point)
            assert len(conn.db.point) == 2

    run(work())


def test_closing_ends_what_is_under_way(server: RunningServer, database: str) -> None:
    async def work() -> None:
        ends: list[Exception | None] = []
        conn = await DbConnection.connect(server.url, database)
        conn.on_disconnect(lambda conn, error: ends.append(error))
        call = conn.reducers.clear_points()
        await conn.close()
        await conn.close()
        await conn.wait_closed()
        assert ends == [None]
        assert conn.is_closed
        with pytest.raises(ConnectionClosed):
            conn.reducers.clear_points()
        with pytest.raises(ConnectionClosed):
            conn.subscribe(tables.point)
        assert isinstance(call.exception(), Exception) or call.is_done

    run(work())


def test_what_was_called_before_closing_still_reaches_the_server(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with (
            DbConnection.connect(server.url, database) as conn,
            DbConnection.connect(server.url, database) as other,
        ):
            await other.subscribe(tables.tally)
            conn.reducers.tally(name="last", count=1)
            await conn.close()
            await until(lambda: len(other.db.tally) == 1)

    run(work())


def test_connections_that_cannot_be_made_say_why(server: RunningServer) -> None:
    async def work() -> None:
        with pytest.raises(NoSuchDatabase, match="nowhere"):
            await DbConnection.connect(server.url, "nowhere")
        with pytest.raises(TokenRefused):
            await DbConnection.connect(server.url, "nowhere", token="no token")
        with pytest.raises(ServerNotReachable):
            await DbConnection.connect("http://127.0.0.1:9", "nowhere")
        with pytest.raises(ValueError, match="must look like"):
            await DbConnection.connect("127.0.0.1:3000", "nowhere")

    run(work())


def test_a_token_brings_the_same_identity_back(server: RunningServer, database: str, tmp_path: Path) -> None:
    async def work() -> None:
        store = TokenFile(tmp_path)
        async with DbConnection.connect(server.url, database, token=store) as first:
            pass
        async with DbConnection.connect(server.url, database, token=store) as second:
            assert second.identity == first.identity
        async with DbConnection.connect(server.url, database, token=first.token) as third:
            assert third.identity == first.identity
            assert third.connection_id != first.connection_id
        async with DbConnection.connect(server.url, database) as fourth:
            assert fourth.identity != first.identity
        assert (store.path(server.url, database).stat().st_mode & 0o777) == 0o600

    run(work())


def test_everything_is_subscribed_at_once(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe_to_all_tables()
            await add(conn, 1.0)
            await conn.reducers.tally(name="a", count=1)
            assert (len(conn.db.point), len(conn.db.tally)) == (1, 1)

    run(work())


def test_it_runs_on_uvloop(server: RunningServer, database: str) -> None:
    async def work() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            await conn.subscribe(tables.point)
            await conn.reducers.add_many(count=1000)
            assert len(conn.db.point) == 1000

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work())

"""What programs do to a connection without meaning it: interrupts, cancellation, threads, errors in handlers."""

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any  # Any: what a loop tells its exception handler

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from stdbctl import client
from stdbctl.client import EventContext, ReducerError
from tests.client.example_bindings import Color, Db, DbConnection, Nothing, Point, Reducers, SyncDbConnection, tables
from tests.client.lab.witness import Troubles, within
from tests.support.server import RunningServer, serving

EXAMPLE = Path(__file__).parent / "example"
LIMIT_S = 60.0
V3 = Subprotocol("v3.bsatn.spacetimedb")
Context = EventContext[Db, Reducers]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("rough"), in_memory=True) as running:
        yield running


@pytest.fixture
def database(server: RunningServer, request: pytest.FixtureRequest) -> str:
    """A database of the test's own."""
    name = request.function.__name__.replace("_", "-")[:60].rstrip("-")
    answer = server.publish(name, EXAMPLE)
    assert answer.status_code == 200, answer.text
    return str(name)


def add(conn: SyncDbConnection, x: float) -> None:
    conn.reducers.add_point(x=x, y=0.5, color=Color.RED, shape=Nothing(), note=None)


def divide_by_zero(*_: object) -> None:
    raise ZeroDivisionError


# -- handlers ---------------------------------------------------------------------------------------------------------


def test_an_on_error_that_raises_stops_nothing(server: RunningServer, database: str) -> None:
    def raise_again(error: BaseException, where: str) -> None:
        raise error

    async def play() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with DbConnection.connect(server.url, database, on_error=raise_again) as conn:
            first = conn.connection_id
            await conn.subscribe(tables.point)
            conn.db.point.on_insert(divide_by_zero)
            await conn.reducers.add_point(x=1.0, y=0.5, color=Color.RED, shape=Nothing(), note=None)
            assert conn.connection_id == first
            assert len(conn.db.point) == 1
        assert [type(context["exception"]) for context in told] == [ZeroDivisionError]

    asyncio.run(within(play()))


def test_a_blocking_on_error_that_raises_stops_nothing(
    server: RunningServer, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with SyncDbConnection.connect(server.url, database, on_error=divide_by_zero, call_timeout=LIMIT_S) as conn:
        first = conn.connection_id
        conn.subscribe(tables.point)
        conn.db.point.on_insert(divide_by_zero)
        add(conn, 1.0)
        assert conn.connection_id == first
        assert len(conn.db.point) == 1
    assert "told of: callback `divide_by_zero` of table `point`" in caplog.text


def test_callbacks_that_would_have_to_be_awaited_are_refused(server: RunningServer, database: str) -> None:
    class Awaited:
        async def __call__(self, context: Context, row: Point) -> None:
            raise AssertionError

    with SyncDbConnection.connect(server.url, database) as conn, pytest.raises(TypeError, match="plain function"):
        conn.db.point.on_insert(Awaited())


# -- the beginning and the end ----------------------------------------------------------------------------------------


def test_connecting_may_be_cancelled_at_any_moment(server: RunningServer, database: str) -> None:
    """Whatever the sockets do afterwards, nobody hears of it."""

    async def connect() -> None:
        async with DbConnection.connect(server.url, database):
            pass

    async def play() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        for turns in range(40):
            task = asyncio.ensure_future(connect())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        gc.collect()
        assert told == []
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(within(play()))


def test_streams_of_a_closed_connection_end_at_once(server: RunningServer, database: str) -> None:
    async def play() -> None:
        conn = await DbConnection.connect(server.url, database)
        await conn.close()
        assert [change async for change in conn.db.point.changes()] == []

    asyncio.run(within(play()))
    with SyncDbConnection.connect(server.url, database) as conn:
        conn.close()
        assert list(conn.db.point.changes()) == []


def test_calls_under_way_at_the_end_are_not_told_to_wait_for_its_return(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database) as conn:
        call = conn.reducers_nowait.tally(name="last", count=1)
        conn.close()
        with pytest.raises(client.ConnectionClosed, match=r"the connection was closed.*make a new connection"):
            call.result()


@pytest.mark.parametrize("token", ["", "one\r\nX-Other: two", "ü", "one "])
def test_what_cannot_be_a_token_is_not_sent(token: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        SyncDbConnection.connect("http://127.0.0.1:9", "board", token=token)


def test_a_store_that_cannot_keep_the_token_is_reported_and_no_reason_to_part(
    server: RunningServer, database: str
) -> None:
    class Full:
        def load(self, url: str, database: str) -> str | None:
            return None

        def save(self, url: str, database: str, token: str) -> None:
            raise OSError("the disk is full")

    troubles = Troubles()
    with SyncDbConnection.connect(server.url, database, token=Full(), on_error=troubles) as conn:
        assert conn.is_active
    assert [(str(error), where) for error, where in troubles] == [("the disk is full", "the token could not be kept")]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"url": "localhost:3000"}, "the server's URL must look like"),
        ({"database": ""}, "a name or an identity as text, got ''"),
        ({"database": 7}, "a name or an identity as text, got 7"),
        ({"compression": "zstd"}, "compression must be one of .*, got 'zstd'"),
        ({"idle_timeout": 0}, "idle_timeout must be seconds above 0, got 0"),
    ],
)
def test_options_that_no_connection_can_have_are_refused_before_it_is_made(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        SyncDbConnection.connect(**{"url": "http://127.0.0.1:9", "database": "board", **options})


def test_reconnect_may_be_true(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, reconnect=True, call_timeout=LIMIT_S) as conn:
        first = conn.connection_id
        conn._sockets.fail(None, OSError("the cable was pulled"))
        _poll_until(conn, lambda: conn.is_active and conn.connection_id != first)


def test_what_is_no_query_is_told_what_one_is(server: RunningServer, database: str) -> None:
    no_query: Any = Point  # Any: a program without a type checker
    with SyncDbConnection.connect(server.url, database) as conn, pytest.raises(TypeError, match="made from `tables`"):
        conn.subscribe(no_query)


@pytest.mark.parametrize("face", [client.DbConnection, client.SyncDbConnection])
def test_a_connection_without_bindings_says_where_to_get_them(face: Any) -> None:
    with pytest.raises(TypeError, match="stdbctl generate --lang python"):
        face.connect("http://127.0.0.1:3000", "board")


def test_garbage_instead_of_a_greeting_is_said_at_once_without_a_loop() -> None:
    def greet(socket: ServerConnection) -> None:
        socket.send(b"\0\xff garbage")

    with serve(greet, "127.0.0.1", 0, subprotocols=[V3]) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{other.socket.getsockname()[1]}"
        with pytest.raises(client.BrokenMessage):
            SyncDbConnection.connect(url, "board", check_schema=False, connect_timeout=10 * LIMIT_S)
        other.shutdown()
        thread.join(LIMIT_S)


class Chatterbox(asyncio.Protocol):
    """A server that takes the connection, talks for ever, and does not listen."""

    def __init__(self, taken: list[asyncio.Transport]) -> None:
        self.taken = taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.taken.append(transport)
        self.transport, self.library = transport, ServerProtocol(subprotocols=[V3])
        self.is_listening = True

    def data_received(self, data: bytes) -> None:
        if not self.is_listening:
            return
        self.library.receive_data(data)
        for request in self.library.events_received():
            assert isinstance(request, Request)
            self.library.send_response(self.library.accept(request))
            self.library.send_binary(b"\0\0" + bytes(32 + 16) + b"\5\0\0\0token")
            self.is_listening = False
            self.talk()

    def talk(self) -> None:
        if not self.transport.is_closing():
            self.library.send_binary(b"\0\4\0\0\0\0")
            self.transport.write(b"".join(self.library.data_to_send()))
            asyncio.get_running_loop().call_later(0.05, self.talk)


def test_a_server_that_goes_on_talking_cannot_put_off_the_end() -> None:
    async def play() -> None:
        taken: list[asyncio.Transport] = []
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: Chatterbox(taken), "127.0.0.1", 0) as other:
            url = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}"
            async with DbConnection.connect(url, "board", check_schema=False):
                pass
        for transport in taken:
            transport.abort()
        await asyncio.sleep(0)  # they are closed in the loop's next turn

    asyncio.run(within(play()))


# -- interrupts, threads, processes -----------------------------------------------------------------------------------


def test_an_interrupt_in_a_callback_leaves_no_gap(server: RunningServer, database: str) -> None:
    def interrupt(context: Context, row: Point) -> None:
        if row.x == 3.0:
            raise KeyboardInterrupt

    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        conn.subscribe(tables.point)
        handler = conn.db.point.on_insert(interrupt)
        for x in range(10):
            conn.reducers_nowait.add_point(x=float(x), y=0.0, color=Color.RED, shape=Nothing(), note=None)
        with pytest.raises(KeyboardInterrupt):
            add(conn, 10.0)
        handler.remove()
        while conn.is_active:
            conn.poll(timeout=1.0)
        conn.wait_connected(LIMIT_S)
        _poll_until(conn, lambda: len(conn.db.point) == 11)
        with pytest.raises(ReducerError):
            add(conn, -1.0)
        assert sorted(row.x for row in conn.db.point) == [float(x) for x in range(11)]


def test_threads_that_poll_at_once_tell_changes_in_order(server: RunningServer, database: str) -> None:
    with (
        SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn,
        SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as other,
    ):
        conn.subscribe(tables.point)
        add(other, 0.0)
        (point,) = other.query(tables.point)
        steps: list[tuple[float, float]] = []
        conn.db.point.on_update(lambda _, old, new: steps.append((old.x, new.x)))
        threads = [
            threading.Thread(target=_poll_until, args=(conn, lambda: len(steps) == 300), daemon=True) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for number in range(300):
            other.reducers_nowait.move_point(id=point.id, x=number + 1.0)
        other.reducers.tally(name="", count=0)
        for thread in threads:
            thread.join(LIMIT_S)
        assert steps == [(float(number), number + 1.0) for number in range(300)]


def test_connecting_without_a_loop_names_the_face_that_needs_none() -> None:
    with pytest.raises(RuntimeError, match="`SyncDbConnection`, which needs none"):
        DbConnection.connect("http://127.0.0.1:9", "any")


def test_a_connection_of_a_loop_refuses_other_threads_before_anything_is_sent(
    server: RunningServer, database: str
) -> None:
    async def play() -> None:
        async with DbConnection.connect(server.url, database) as conn:

            async def elsewhere() -> None:
                await conn.reducers.tally(name="elsewhere", count=1)

            for wrong in (
                lambda: conn.reducers.tally(name="no loop", count=1),
                lambda: conn.subscribe(tables.tally),
                lambda: conn.query(tables.tally),
                lambda: asyncio.run(elsewhere()),
            ):
                with pytest.raises(RuntimeError, match="run_coroutine_threadsafe"):
                    await asyncio.to_thread(wrong)
            await conn.reducers.tally(name="here", count=1)
            assert [row.name for row in await conn.query(tables.tally)] == ["here"]

    asyncio.run(within(play()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_a_forked_process_is_told_to_connect_anew(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads in a process that forks: our very subject
            child = os.fork()
        if child == 0:
            os._exit(sum(not _is_told_of_the_fork(call) for call in (conn.reducers.tally, conn.reducers_nowait.tally)))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        conn.reducers.tally(name="parent", count=1)
        assert [row.name for row in conn.query(tables.tally)] == ["parent"]


def _is_told_of_the_fork(tally: Callable[..., object]) -> bool:
    try:
        tally(name="child", count=1)
    except RuntimeError as error:
        return "forked" in str(error)
    return False


def _poll_until(conn: SyncDbConnection, holds: Callable[[], bool]) -> None:
    while not holds():
        conn.poll(timeout=0.05)

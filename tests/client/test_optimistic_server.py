"""Optimistic updates of both faces against a real server."""

import asyncio
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stdbctl.client import ConnectionLost, Handler, Identity, NoPlaceToWait, ReducerError
from tests.client.example_bindings import (
    Color,
    Db,
    DbConnection,
    EventContext,
    Nothing,
    Point,
    Shape,
    SyncDbConnection,
    tables,
)
from tests.client.lab.witness import QUICK, Troubles, answer, within
from tests.support.faulty_proxy import faulty_proxy
from tests.support.server import RunningServer, serving

EXAMPLE = Path(__file__).parent / "example"
LIMIT_S = 60.0
SAMPLE = Point(id=0, owner=Identity.from_int(7), x=1.0, y=1.0, color=Color.RED, shape=Nothing(), note=None)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serving(tmp_path_factory.mktemp("optimistic"), in_memory=True) as running:
        yield running


@pytest.fixture
def database(server: RunningServer, request: pytest.FixtureRequest) -> str:
    """A database of the test's own."""
    name: str = request.node.name.replace("_", "-")[:60].rstrip("-")
    response = server.publish(name, EXAMPLE)
    assert response.status_code == 200, response.text
    return name


def predict_all(conn: DbConnection | SyncDbConnection) -> list[Handler]:
    """Predict what the module does, as a program would."""

    @conn.predict(conn.reducers.add_point)
    def added(db: Db, *, x: float, y: float, color: Color, shape: Shape, note: str | None) -> None:
        db.point.insert(Point(id=0, owner=conn.identity, x=x, y=y, color=color, shape=shape, note=note))

    @conn.predict(conn.reducers_nowait.move_point)
    def moved(db: Db, *, id: int, x: float) -> None:  # noqa: A002  # the parameter's name
        found = db.point.find(id=id)
        if found is None:
            raise ReducerError("gone")
        db.point.update(replace(found, x=x))

    @conn.predict(conn.reducers.clear_points)
    def cleared(db: Db) -> None:
        for row in db.point.filter(owner=conn.identity):
            db.point.delete(row)

    return [added, moved, cleared]


class Shadow:
    """The points as callbacks tell of them. `is_sound`: no callback told of what cannot be."""

    def __init__(self, conn: DbConnection | SyncDbConnection) -> None:
        self.points: dict[int, Point] = {}
        self.is_sound = True
        self.events: list[tuple[str, str]] = []
        conn.db.point.on_insert(self._came)
        conn.db.point.on_delete(self._went)
        conn.db.point.on_update(self._changed)

    def _came(self, context: object, row: Point) -> None:
        self.is_sound &= row.id not in self.points
        self.points[row.id] = row
        self._note("insert", context)

    def _went(self, context: object, row: Point) -> None:
        self.is_sound &= self.points.pop(row.id, None) == row
        self._note("delete", context)

    def _changed(self, context: object, old: Point, new: Point) -> None:
        self.is_sound &= self.points.pop(old.id, None) == old and new.id not in self.points
        self.points[new.id] = new
        self._note("update", context)

    def _note(self, kind: str, context: object) -> None:
        self.events.append((kind, type(getattr(context, "event", None)).__name__))


async def act(conn: DbConnection, chance: random.Random) -> None:
    """One call that may be refused, or end where another user got there first."""
    kind, points = chance.random(), list(conn.db.point)
    try:
        if kind < 0.5 or not points:
            x = chance.choice((-1.0, 1.0, 2.0, 0.1))  # the module refuses negative ones
            await conn.reducers.add_point(x=x, y=0.5, color=Color.BLUE, shape=Nothing(), note=None)
        elif kind < 0.95:
            await conn.reducers.move_point(id=chance.choice(points).id, x=chance.random())
        else:
            await conn.reducers.clear_points()
    except ReducerError:
        pass


def test_users_who_predict_and_interleave_end_with_what_the_server_holds(server: RunningServer, database: str) -> None:
    async def play() -> None:
        troubles = Troubles()
        async with (
            DbConnection.connect(server.url, database, on_error=troubles) as one,
            DbConnection.connect(server.url, database, on_error=troubles) as two,
        ):
            users = (one, two)
            shadows = [Shadow(user) for user in users]
            for user in users:
                predict_all(user)
                await within(answer(user.subscribe(tables.point)))
            chance = random.Random(3)
            for _ in range(15):
                await within(answer(asyncio.gather(*(act(chance.choice(users), chance) for _ in range(12)))))
            for user in users:
                await within(answer(user.reducers.ping(tags=[])))
            truth = {row.id: row for row in await within(answer(one.query(tables.point)))}
            for user, shadow in zip(users, shadows, strict=True):
                assert {row.id: row for row in user.db.point} == truth == shadow.points
                assert shadow.is_sound
                assert not any(user.db.point.is_predicted(row) for row in user.db.point)
        assert troubles == []

    asyncio.run(play())


def test_what_a_call_does_is_shown_before_the_answer_and_told_once(server: RunningServer, database: str) -> None:
    async def play() -> None:
        async with DbConnection.connect(server.url, database) as conn:
            predict_all(conn)
            await within(answer(conn.subscribe(tables.point)))
            shadow = Shadow(conn)
            call = conn.reducers.add_point(x=0.1, y=2.0, color=Color.RED, shape=Nothing(), note=None)
            (predicted,) = conn.db.point
            assert shadow.events == [("insert", "PredictionEvent")]
            await within(answer(call))
            (real,) = conn.db.point
            assert replace(predicted, id=real.id) == real
            move = conn.reducers.move_point(id=real.id, x=4.0)
            assert [row.x for row in conn.db.point] == [4.0]
            await within(answer(move))
            assert shadow.events[1:] == [("update", "ReducerEvent"), ("update", "PredictionEvent")]
            refused = conn.reducers.add_point(x=-1.0, y=2.0, color=Color.RED, shape=Nothing(), note=None)
            assert len(conn.db.point) == 2
            with pytest.raises(ReducerError, match="x must not be negative"):
                await within(answer(refused))
            assert shadow.events[3:] == [("insert", "PredictionEvent"), ("delete", "RollbackEvent")]

    asyncio.run(play())


def test_a_broken_connection_takes_predictions_back(server: RunningServer, database: str) -> None:
    async def play() -> None:
        with faulty_proxy(server.url) as proxy:
            async with DbConnection.connect(proxy.url, database, reconnect=QUICK) as conn:
                await within(answer(conn.subscribe(tables.point)))
                shadow = Shadow(conn)
                call = conn.optimistic(lambda db: db.point.insert(SAMPLE)).clear_points()
                assert len(conn.db.point) == 1
                proxy.drop()  # blocks the loop, so that the call has not been sent
                with pytest.raises(ConnectionLost):
                    await within(answer(call))
                assert len(conn.db.point) == 0
                assert shadow.events == [("insert", "PredictionEvent"), ("delete", "RollbackEvent")]

    asyncio.run(play())


def test_a_game_shows_its_moves_in_the_frame_in_which_they_are_made(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        predict_all(conn)
        conn.subscribe(tables.point)
        shadow, threads = Shadow(conn), set[int]()
        conn.db.point.on_insert(lambda ctx, row: threads.add(threading.get_ident()))
        call = conn.reducers_nowait.add_point(x=1.0, y=2.0, color=Color.RED, shape=Nothing(), note=None)
        assert [row.x for row in conn.db.point] == [1.0]
        call.result()
        (row,) = conn.db.point
        conn.reducers.move_point(id=row.id, x=3.0)
        with pytest.raises(ReducerError):
            conn.reducers.add_point(x=-1.0, y=2.0, color=Color.RED, shape=Nothing(), note=None)
        wiped = conn.optimistic_nowait(lambda db: db.point.delete(row)).ping(tags=[])
        assert len(conn.db.point) == 0
        wiped.result()
        assert list(conn.db.point) == conn.query(tables.point) == list(shadow.points.values())
        assert shadow.is_sound
        conn.optimistic(lambda db: db.point.delete(row)).clear_points()
        assert len(conn.db.point) == 0
        assert threads == {threading.get_ident()}


def test_a_callback_that_hears_of_a_prediction_cannot_wait(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        predict_all(conn)
        refusals: list[str] = []

        def wait(context: EventContext, row: Point) -> None:
            for ask in (conn.reducers.clear_points, conn.poll):
                try:
                    ask()
                except NoPlaceToWait as error:
                    refusals.append(error.code)

        conn.db.point.on_insert(wait)
        conn.reducers.add_point(x=1.0, y=2.0, color=Color.RED, shape=Nothing(), note=None)
        assert refusals == ["client.no_place_to_wait"] * 2


def test_threads_predict_beside_the_one_that_polls(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        predict_all(conn)
        conn.subscribe(tables.point)
        shadow = Shadow(conn)
        conn.run_in_thread()

        def draw() -> None:
            for number in range(20):
                conn.reducers.add_point(x=float(number), y=2.0, color=Color.RED, shape=Nothing(), note=None)

        drawers = [threading.Thread(target=draw) for _ in range(3)]
        for drawer in drawers:
            drawer.start()
        for drawer in drawers:
            drawer.join(LIMIT_S)
        truth = {row.id: row for row in conn.query(tables.point)}
        assert len(truth) == 60
        assert {row.id: row for row in conn.db.point} == truth == shadow.points
        assert shadow.is_sound


def test_only_reducers_can_be_predicted(server: RunningServer, database: str) -> None:
    with SyncDbConnection.connect(server.url, database, call_timeout=LIMIT_S) as conn:
        with pytest.raises(TypeError, match=r"predict\(\) takes a reducer, as in `@conn\.predict"):
            conn.predict(print)
        with pytest.raises(TypeError, match="a callback must be a plain function"):

            @conn.predict(conn.reducers.clear_points)
            async def clear(db: Db) -> None:
                pass

        async def effect(db: Db) -> None:
            pass

        with pytest.raises(TypeError, match="an effect must be a plain function"):
            conn.optimistic(effect)

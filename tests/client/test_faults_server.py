"""What servers do to their clients: end, come back, lose their keys, delete the database, change its schema."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.client import (
    ConnectionClosed,
    ConnectionLost,
    NoSuchDatabase,
    ReconnectEvent,
    SchemaMismatch,
    ServerNotReachable,
    TokenRefused,
)
from tests.client.lab.bindings import DbConnection, SyncDbConnection
from tests.client.lab.stage import LAB, Stage, lab_server, stage
from tests.client.lab.witness import QUICK, Troubles, settled, until_replaced, within
from tests.support.faulty_proxy import Accepting
from tests.support.server import RunningServer, serving, wait_until

SOURCE = (LAB / "module" / "__init__.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that tests leave as it is."""
    with lab_server(tmp_path_factory.mktemp("server"), in_memory=True) as running:
        yield running


@pytest.fixture
def calm(server: RunningServer) -> Iterator[Stage]:
    with stage(server) as made:
        yield made


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Stage]:
    """A server of the test's own, which may be ruined."""
    with lab_server(tmp_path / "server") as running, stage(running) as made:
        yield made


def publish(server: RunningServer, source: str, **parameters: str) -> None:
    answer = server.publish("lab", {"module/__init__.py": source}, **parameters)
    assert answer.status_code == 200, answer.text


def test_killed_server_comes_back_with_all_that_was_acknowledged(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            identity, first = conn.identity, conn.connection_id
            await conn.reducers.change(steps=[0, 1, 1, 1, 2, 0, 5, 5])
            under_way = [conn.reducers.change(steps=[0, key, 0, key]) for key in range(10, 200)]
            await asyncio.to_thread(scene.server.kill)
            ended = await asyncio.gather(*under_way, return_exceptions=True)
            assert all(each is None or isinstance(each, ConnectionLost) for each in ended)
            acknowledged = {key for key, each in zip(range(10, 200), ended, strict=True) if each is None}
            assert 1 in witness.items
            with serving(scene.server.folder) as again:
                scene.proxy.retarget(again.url)
                await until_replaced(conn, first)
                await settled(conn)
                assert conn.identity == identity
                assert acknowledged | {1} <= set(witness.items)
                assert {row.id: row for row in await conn.query("SELECT * FROM item")} == witness.items
                witness.assert_agrees(conn)
                await conn.close()

    asyncio.run(within(play()))


def test_stopped_server_is_waited_for(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            first = conn.connection_id
            await conn.reducers.change(steps=[0, 1, 1, 1])
            witness.events.clear()
            await asyncio.to_thread(scene.server.stop)
            with pytest.raises(ConnectionLost):
                await conn.reducers.change(steps=[])
            assert set(witness.items) == {1}, "the cache stays as it was"
            with serving(scene.server.folder) as again:
                scene.proxy.retarget(again.url)
                await until_replaced(conn, first)
                await settled(conn)
                assert witness.events == [], "nothing changed, so nothing is told"
                witness.assert_agrees(conn)
                await conn.close()

    asyncio.run(within(play()))


def test_refused_token_is_said_at_once_and_not_tried_again(calm: Stage) -> None:
    async def play() -> None:
        with pytest.raises(TokenRefused):
            await DbConnection.connect(calm.proxy.url, "lab", token="not.a.token", reconnect=QUICK)
        assert calm.proxy.accepted <= 2, "the handshake, and the schema"

    asyncio.run(within(play()))


def test_server_with_other_keys_ends_the_connection(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, _, _):
            pending = conn.subscribe("SELECT * FROM item WHERE team = 1")
            await pending
            await asyncio.to_thread(scene.server.stop)
            shutil.rmtree(scene.server.folder / "keys")
            (scene.server.folder / "operator.token").unlink()
            with serving(scene.server.folder) as again:
                scene.proxy.retarget(again.url)
                await conn.wait_closed()
                with pytest.raises(ConnectionClosed):
                    conn.reducers.change(steps=[])
                with pytest.raises(TokenRefused):
                    await conn.wait_connected()

    asyncio.run(within(play()))


def test_unknown_database_is_said_at_once(calm: Stage) -> None:
    async def play() -> None:
        with pytest.raises(NoSuchDatabase, match="nowhere"):
            await DbConnection.connect(calm.proxy.url, "nowhere", reconnect=QUICK)

    asyncio.run(within(play()))


def test_no_server_is_said_at_once(calm: Stage) -> None:
    async def play() -> None:
        calm.proxy.accepting = Accepting.REFUSE
        with pytest.raises(ServerNotReachable):
            await DbConnection.connect(calm.proxy.url, "lab", reconnect=QUICK)

    asyncio.run(within(play()))


def test_deleted_database_that_is_published_again_is_found_empty(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            first = conn.connection_id
            await conn.reducers.change(steps=[0, 1, 1, 1, 2, 0, 5, 5])
            witness.events.clear()
            server = scene.server
            assert server.request("DELETE", "/database/lab", headers=server.headers).status_code == 200
            await within(lost(conn))
            assert set(witness.items) == {1}, "the cache stays as it was"
            await asyncio.to_thread(publish, server, SOURCE)
            await until_replaced(conn, first)
            await settled(conn)
            assert [type(event) for event in witness.events] == [ReconnectEvent] * 2
            assert len(conn.db.item) == len(conn.db.mark) == 0
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


async def lost(conn: DbConnection) -> None:
    """Wait until the connection is gone."""
    gone = asyncio.Event()
    handler = conn.on_disconnect(lambda *_: gone.set())
    if conn.is_active:
        await gone.wait()
    handler.remove()


def test_module_with_a_new_table_goes_on_serving(scene: Stage) -> None:
    more = SOURCE + "\n\n@table(public=True)\nclass Extra:\n    id: PrimaryKey[u32]\n"

    async def play() -> None:
        async with scene.client() as (conn, witness, troubles):
            await conn.reducers.change(steps=[0, 1, 1, 1])
            await asyncio.to_thread(publish, scene.server, more)
            await settled(conn)
            await conn.reducers.change(steps=[0, 2, 1, 1])
            assert set(witness.items) == {1, 2}
            witness.assert_agrees(conn)
            assert troubles == []

    asyncio.run(within(play()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    value: i32\n    label: str", "    value: i32\n    label: str\n    weight: u32"),
        ("class Mark:\n    team: u32", "class Mark:\n    team: str"),
    ],
    ids=["a new column", "another type"],
)
def test_schema_that_no_longer_fits_ends_the_connection_in_one_sentence(scene: Stage, old: str, new: str) -> None:
    changed = SOURCE.replace(old, new).split("@reducer")[0]
    assert changed != SOURCE.split("@reducer")[0]

    async def play() -> None:
        async with scene.client() as (conn, _, _):
            await conn.reducers.change(steps=[0, 1, 1, 1])
            await asyncio.to_thread(publish, scene.server, changed, clear="true", policy="BreakClients")
            await conn.wait_closed()
            with pytest.raises(SchemaMismatch, match=r"stdbctl generate --lang python"):
                await conn.wait_connected()
            with pytest.raises(ConnectionClosed):
                conn.reducers.change(steps=[])
        with pytest.raises(SchemaMismatch, match="lab"):
            await DbConnection.connect(scene.proxy.url, "lab", reconnect=QUICK, on_error=Troubles())

    asyncio.run(within(play()))


def test_blocking_call_ends_when_its_server_dies(calm: Stage) -> None:
    with SyncDbConnection.connect(calm.proxy.url, "lab", reconnect=QUICK, on_error=Troubles()) as conn:
        conn.subscribe("SELECT * FROM item")
        conn.reducers.change(steps=[0, 1, 1, 1])
        first = conn.connection_id
        calm.proxy.freeze()
        killer = threading.Timer(0.2, calm.proxy.drop)
        killer.start()
        with pytest.raises(ConnectionLost):
            conn.reducers.change(steps=[0, 2, 2, 2])
        killer.join()
        conn.wait_connected(60)
        wait_until(lambda: conn.poll() >= 0 and conn.is_active and conn.connection_id != first, "the way back", 60)
        conn.reducers.change(steps=[0, 3, 3, 3])
        assert {1, 3} <= {row.id for row in conn.db.item}
        assert {row.id: row for row in conn.query("SELECT * FROM item")} == {row.id: row for row in conn.db.item}


def test_blocking_call_that_gets_no_answer_ends_by_its_timeout(calm: Stage) -> None:
    with SyncDbConnection.connect(calm.proxy.url, "lab", call_timeout=0.3, on_error=Troubles()) as conn:
        calm.proxy.freeze()
        for wait in (
            lambda: conn.reducers.change(steps=[]),
            lambda: conn.query("SELECT * FROM item"),
            lambda: conn.subscribe("SELECT * FROM item"),
        ):
            with pytest.raises(TimeoutError):
                wait()
        calm.proxy.thaw()
        conn.call_timeout = 60
        conn.reducers.change(steps=[0, 1, 1, 1])
        assert [row.id for row in conn.query("SELECT * FROM item")] == [1]

"""Networks that drop, fall silent, dawdle and cut: no lost callback, none twice, no call that hangs."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from stdbctl.client import (
    Backoff,
    ConnectionClosed,
    ConnectionLost,
    ReconnectEvent,
    ServerNotReachable,
    TransactionEvent,
)
from tests.client.lab.bindings import DbConnection, Item
from tests.client.lab.stage import Stage, lab_server, stage
from tests.client.lab.witness import Troubles, answer, settled, until_replaced, within
from tests.support.faulty_proxy import Accepting, Pace
from tests.support.server import RunningServer

ROWS = 2_000
STALL_S = 0.1
"""How long a client may take nothing of a full backlog, where a test waits for just that."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with lab_server(tmp_path_factory.mktemp("server"), in_memory=True) as running:
        yield running


@pytest.fixture
def scene(server: RunningServer) -> Iterator[Stage]:
    with stage(server) as made:
        yield made


def test_calls_under_way_end_when_the_connection_drops(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, troubles):
            scene.proxy.freeze()
            first = conn.connection_id
            calls = [conn.reducers.change(steps=[0, key, 1, key]) for key in range(100)]
            calls_left_alone = [conn.reducers.change(steps=[]) for _ in range(3)]
            query = conn.query("SELECT * FROM item")
            waiting = [asyncio.ensure_future(answer(call)) for call in (*calls, query)]
            await asyncio.sleep(0)
            scene.proxy.drop()
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(result) for result in results} == {ConnectionLost}
            await until_replaced(conn, first)
            await settled(conn)
            assert all(call.is_done for call in calls_left_alone)
            witness.assert_agrees(conn)
            assert len(conn.db.item) == len(await conn.query("SELECT * FROM item"))
            assert troubles == []

    asyncio.run(within(play()))


@pytest.mark.parametrize("byte_count", [0, 1, 2, 5, 17, 100, 1_000, 20_000, 60_000])
def test_rows_come_once_however_far_the_first_answer_got(scene: Stage, byte_count: int) -> None:
    async def play() -> None:
        async with scene.client("SELECT * FROM mark") as (conn, witness, _):
            await conn.reducers.fill(first=0, count=ROWS, text="a text of some length")
            scene.proxy.cut_after(byte_count)
            await conn.subscribe("SELECT * FROM item WHERE team = 1", "SELECT * FROM item")
            await settled(conn)
            assert len(conn.db.item) == ROWS
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_only_differences_are_told_after_a_reconnection(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            await conn.reducers.change(steps=[0, 1, 0, 1, 0, 2, 0, 2, 0, 3, 0, 3, 2, 0, 7, 7, 2, 0, 8, 8])
            first, identity, kept = conn.connection_id, conn.identity, conn.db.item.find(id=1)
            witness.events.clear()
            scene.proxy.accepting = Accepting.REFUSE
            scene.proxy.drop()
            scene.change(0, 2, 0, 22, 1, 3, 0, 0, 0, 4, 0, 4, 3, 0, 7, 7, 2, 0, 9, 9)
            scene.proxy.accepting = Accepting.PASS
            await until_replaced(conn, first)
            await settled(conn)
            assert [type(event) for event in witness.events] == [ReconnectEvent] * 5
            assert {row.id: row.value for row in conn.db.item} == {1: 1, 2: 22, 4: 4}
            assert conn.db.item.find(id=1) == kept
            assert conn.identity == identity
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_half_open_connection_is_noticed_and_replaced(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client(idle_timeout=2.0) as (conn, witness, _):
            first = conn.connection_id
            scene.proxy.freeze()
            under_way = conn.reducers.change(steps=[0, 1, 1, 1])
            scene.change(0, 2, 2, 2)
            with pytest.raises(ConnectionLost, match=r"nothing was heard of the server for 2 s"):
                await under_way
            await until_replaced(conn, first)
            await settled(conn)
            assert witness.items[2] == Item(id=2, team=2, value=2, label="item 2")
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_quiet_connection_is_not_taken_for_a_half_open_one(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client(idle_timeout=4.0) as (conn, _, _):
            first, frames = conn.connection_id, scene.proxy.frames
            await asyncio.to_thread(scene.proxy.wait_for, lambda p: p.frames > frames + 1, "two Pongs")
            assert conn.connection_id == first
            assert conn.is_active

    asyncio.run(within(play()))


def test_connection_that_thaws_has_lost_nothing(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            first = conn.connection_id
            witness.events.clear()
            scene.proxy.freeze()
            for number in range(20):
                scene.change(0, 1, 1, number, 4, number, 0, 0)
            assert len(conn.db.item) == 0
            scene.proxy.thaw()
            await settled(conn)
            assert conn.connection_id == first
            assert [type(event) for event in witness.events] == [TransactionEvent] * 20
            assert witness.flashes == list(range(20))
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


@pytest.mark.parametrize("pace", [Pace(1), Pace(7), Pace(1_400, 0.001)], ids=["bytes", "crumbs", "packets"])
def test_frames_in_pieces_are_put_together(scene: Stage, pace: Pace) -> None:
    async def play() -> None:
        scene.proxy.pace = pace
        async with scene.client() as (conn, witness, _):
            for number in range(5):
                await conn.reducers.fill(first=number * 100, count=100, text="a text of some length")
            assert len(conn.db.item) == 500
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_server_that_accepts_and_says_nothing_is_given_up(scene: Stage) -> None:
    async def play() -> None:
        scene.proxy.accepting = Accepting.FREEZE
        with pytest.raises(ServerNotReachable, match="took too long"):
            await DbConnection.connect(scene.proxy.url, "lab", connect_timeout=0.3, on_error=Troubles())
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(within(play()))


def test_coming_back_tries_again_when_a_socket_says_nothing(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client(connect_timeout=2.0) as (conn, witness, _):
            first, accepted = conn.connection_id, scene.proxy.accepted
            scene.proxy.accepting = Accepting.FREEZE
            scene.proxy.drop()
            await asyncio.to_thread(scene.proxy.wait_for, lambda p: p.accepted > accepted + 1, "the next attempt")
            scene.proxy.accepting = Accepting.PASS
            await until_replaced(conn, first)
            await settled(conn)
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_closing_while_away_ends_everything_at_once(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client(reconnect=Backoff(first_s=600, longest_s=600)) as (conn, _, _):
            lost = asyncio.Event()
            conn.on_disconnect(lambda *_: lost.set())
            changes = conn.db.item.changes()
            scene.proxy.accepting = Accepting.REFUSE
            scene.proxy.drop()
            await lost.wait()
            with pytest.raises(ConnectionLost):
                conn.reducers.change(steps=[])
            kept = conn.subscribe("SELECT * FROM item WHERE team = 1")
            began = time.monotonic()
            await conn.close()
            assert time.monotonic() - began < 60
            with pytest.raises(ConnectionClosed):
                await kept
            with pytest.raises(ConnectionClosed):
                conn.reducers.change(steps=[])
            assert [change async for change in changes] == []

    asyncio.run(within(play()))


def test_attempts_end_after_as_many_as_were_allowed(scene: Stage) -> None:
    async def play() -> None:
        backoff = Backoff(first_s=0.01, longest_s=0.02, attempts_max=3)
        async with scene.client(reconnect=backoff) as (conn, _, _):
            accepted = scene.proxy.accepted
            scene.proxy.accepting = Accepting.REFUSE
            scene.proxy.drop()
            await conn.wait_closed()
            assert 0 < scene.proxy.accepted - accepted <= 2 * 3
            with pytest.raises(ConnectionClosed):
                conn.reducers.change(steps=[])

    asyncio.run(within(play()))


def test_without_reconnection_the_first_drop_is_the_end(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client(reconnect=False) as (conn, _, _):
            scene.proxy.drop()
            await conn.wait_closed()
            with pytest.raises(ConnectionClosed):
                conn.reducers.change(steps=[])
            with pytest.raises(ConnectionClosed):
                conn.subscribe("SELECT * FROM item")

    asyncio.run(within(play()))


def test_cancelled_waits_leave_the_connection_sound(scene: Stage) -> None:
    async def play() -> None:
        async with scene.client() as (conn, witness, _):
            scene.proxy.freeze()
            waits = [
                asyncio.ensure_future(answer(conn.reducers.change(steps=[0, 1, 1, 1]))),
                asyncio.ensure_future(answer(conn.subscribe("SELECT * FROM item WHERE team = 1"))),
                asyncio.ensure_future(answer(conn.query("SELECT * FROM item"))),
            ]
            await asyncio.sleep(0)
            for wait in waits:
                wait.cancel()
            await asyncio.wait(waits)
            scene.proxy.thaw()
            await settled(conn)
            assert set(witness.items) == {1}
            await conn.reducers.change(steps=[1, 1, 0, 0])
            assert len(conn.db.item) == 0
            witness.assert_agrees(conn)

    asyncio.run(within(play()))


def test_many_drops_in_a_row_while_everybody_writes(scene: Stage) -> None:
    async def write(conn: DbConnection, first: int) -> set[int]:
        done = set()
        for key in range(first, first + 40):
            try:
                await conn.wait_connected()
                await conn.reducers.change(steps=[0, key, key % 4, key])
            except ConnectionLost:
                continue
            done.add(key)
        return done

    async def play() -> None:
        async with scene.client() as (one, seen, _), scene.client() as (two, heard, _):
            writers = [asyncio.ensure_future(write(conn, n * 1_000)) for n, conn in enumerate((one, two), start=1)]
            for _ in range(8):
                await asyncio.wait(writers, timeout=0.05)
                await asyncio.to_thread(scene.proxy.drop)
            acknowledged = set().union(*await asyncio.gather(*writers))
            for conn, witness in ((one, seen), (two, heard)):
                await settled(conn)
                witness.assert_agrees(conn)
                assert acknowledged <= set(witness.items)
            assert seen.items == heard.items

    asyncio.run(within(play()))


def test_client_that_takes_too_little_is_dropped_and_reconciled(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = "x" * 20_000

    async def play(scene: Stage) -> None:
        async with scene.client() as (conn, witness, _):
            first = conn.connection_id
            scene.proxy.freeze()
            for number in range(20):  # 40 MB, of which the network holds some and the server 16
                assert scene.server.call("lab", "fill", number * 100, 100, text).status_code == 200
            # A quick machine has done all that before the client counts as stalled. Who has taken nothing for so long
            # is dropped with the next frame, which the answer to the call after it shows to be out.
            number, until = 2_000, time.monotonic() + 3 * STALL_S
            while time.monotonic() < until:
                assert scene.server.call("lab", "fill", number, 1, "").status_code == 200
                number += 1
            for last in (number, number + 1):
                assert scene.server.call("lab", "fill", last, 1, "").status_code == 200
            scene.proxy.thaw()
            await until_replaced(conn, first)
            await settled(conn)
            assert len(conn.db.item) == number + 2
            assert len(witness.events) == number + 2
            witness.assert_agrees(conn)

    with (
        lab_server(tmp_path_factory.mktemp("strict"), in_memory=True, stall_s=STALL_S) as server,
        stage(server) as made,
    ):
        asyncio.run(within(play(made)))

"""What client and server agree on when they meet, with a server that is none of ours."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from stdbctl.client import Backoff, Compression, ConnectFailed, ConnectionLost, Identity, Timestamp
from stdbctl.protocol import (
    V2_PROTOCOL,
    V3_PROTOCOL,
    CallReducer,
    decode_client_messages,
    initial_connection,
    reducer_ok,
)
from stdbctl.sats import ConnectionId
from tests.client.example_bindings import DbConnection

ME = Identity.from_int(7)
Behaviour = Callable[[ServerConnection], Awaitable[None]]
Work = Callable[[str, list[str]], Awaitable[None]]


async def greet_and_answer(socket: ServerConnection) -> None:
    """Speak v2: one message per frame, both ways."""
    await socket.send(b"\0" + initial_connection(ME, ConnectionId.from_int(1), "token"))
    async for frame in socket:
        assert isinstance(frame, bytes)
        (message,) = decode_client_messages(frame, batched=True)
        assert isinstance(message, CallReducer)
        await socket.send(b"\0" + reducer_ok(message.request_id, Timestamp(1)))


def meet(behaviour: Behaviour, protocols: list[str], work: Work) -> list[str]:
    """Run `work(url, requests)` beside a server; the requests are the paths and tokens that it was asked by."""
    requests: list[str] = []

    async def answer(socket: ServerConnection) -> None:
        assert socket.request is not None
        requests.append(f"{socket.request.path} {socket.request.headers.get('Authorization', '-')}")
        await behaviour(socket)

    async def go() -> None:
        offered = [Subprotocol(name) for name in protocols]
        async with asyncio.timeout(60), serve(answer, "127.0.0.1", 0, subprotocols=offered, compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            await work(f"http://127.0.0.1:{port}/prefix", requests)

    asyncio.run(go())
    return requests


def test_a_server_that_knows_only_v2_gets_a_frame_per_message() -> None:
    async def work(url: str, requests: list[str]) -> None:
        async with DbConnection.connect(url, "board", check_schema=False) as conn:
            calls = [conn.reducers.clear_points() for _ in range(10)]
            for call in calls:
                await call
            assert conn.identity == ME

    meet(greet_and_answer, [V2_PROTOCOL], work)


@pytest.mark.parametrize(
    ("compression", "confirmed", "query"),
    [
        (None, None, "compression=None"),
        ("gzip", True, "compression=Gzip&confirmed=true"),
        ("none", False, "compression=None&confirmed=false"),
    ],
)
def test_options_reach_the_server(compression: Compression | None, confirmed: bool | None, query: str) -> None:
    async def work(url: str, requests: list[str]) -> None:
        async with DbConnection.connect(
            url, "my board", token="abc", compression=compression, confirmed_reads=confirmed, check_schema=False
        ):
            pass

    requests = meet(greet_and_answer, [V3_PROTOCOL], work)
    assert requests == [f"/prefix/v1/database/my%20board/subscribe?{query} Bearer abc"]


def test_a_server_that_speaks_neither_protocol_is_refused() -> None:
    async def work(url: str, requests: list[str]) -> None:
        with pytest.raises(ConnectFailed):
            await DbConnection.connect(url, "board", check_schema=False)

    meet(greet_and_answer, ["v1.bsatn.spacetimedb"], work)


def test_a_lost_connection_comes_back_with_the_token_that_the_server_gave() -> None:
    async def greet_and_leave_once(socket: ServerConnection) -> None:
        assert socket.request is not None
        if "Authorization" in socket.request.headers:
            await greet_and_answer(socket)
        else:
            await socket.send(b"\0" + initial_connection(ME, ConnectionId.from_int(1), "given"))
            await socket.recv()

    async def work(url: str, requests: list[str]) -> None:
        backoff = Backoff(first_s=0.01)
        async with DbConnection.connect(url, "board", check_schema=False, reconnect=backoff) as conn:
            with pytest.raises(ConnectionLost):
                await conn.reducers.clear_points()
            while len(requests) < 2 or not conn.is_active:
                await asyncio.sleep(0.005)
            await conn.reducers.clear_points()

    requests = meet(greet_and_leave_once, [V3_PROTOCOL], work)
    assert [request.partition(" ")[2] for request in requests] == ["-", "Bearer given"]


def test_without_reconnection_a_loss_is_the_end() -> None:
    async def greet_and_leave(socket: ServerConnection) -> None:
        await socket.send(b"\0" + initial_connection(ME, ConnectionId.from_int(1), "given"))
        await socket.recv()

    async def work(url: str, requests: list[str]) -> None:
        conn = await DbConnection.connect(url, "board", check_schema=False, reconnect=False)
        with pytest.raises(ConnectionLost):
            await conn.reducers.clear_points()
        await conn.wait_closed()
        assert conn.is_closed
        await conn.close()

    assert len(meet(greet_and_leave, [V3_PROTOCOL], work)) == 1


@pytest.mark.parametrize("attempt", [1, 2, 5, 6, 7, 100])
def test_back_off_doubles_up_to_its_limit_with_jitter(attempt: int) -> None:
    whole = min(2.0 ** (attempt - 1), 30.0)
    delays = [Backoff().delay_s(attempt, random.Random(seed)) for seed in range(50)]
    assert all(whole / 2 <= delay <= whole for delay in delays)
    assert len(set(delays)) > 10

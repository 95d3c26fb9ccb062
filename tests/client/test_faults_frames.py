"""Frames that no sane server sends: the connection is made anew, and nothing hangs, is lost or comes twice."""

import asyncio
import gzip
from collections.abc import Iterator

import pytest
from websockets.frames import Close, Frame, Opcode

from stdbctl.client import BrokenMessage, ConnectFailed, ConnectionLost, SchemaMismatch
from stdbctl.client.errors import ServerNotReachable
from tests.client.lab.bindings import DbConnection
from tests.client.lab.stage import Stage, lab_server, stage
from tests.client.lab.witness import QUICK, Troubles, answer, settled, until_replaced, within
from tests.support.server import RunningServer

QUERY = "SELECT * FROM item"


def binary(data: bytes) -> bytes:
    return Frame(Opcode.BINARY, data).serialize(mask=False)


GARBAGE: dict[str, bytes] = {
    "empty": binary(b""),
    "unknown compression": binary(b"\x07abc"),
    "unknown message": binary(b"\x00\xff\x01\x02\x03"),
    "cut message": binary(b"\x00\x04\x01\x00\x00\x00\x00"),
    "endless list": binary(b"\x00\x04\xff\xff\xff\xff"),
    "noise": binary(b"\x00" + bytes(range(256)) * 40),
    "gzip of nothing": binary(b"\x02\x1f\x8b\x08"),
    "gzip of noise": binary(b"\x02" + gzip.compress(b"\xfe" * 5_000)),
    "brotli that nobody asked for": binary(b"\x01\x00\x00"),
    "text": Frame(Opcode.TEXT, b"hello").serialize(mask=False),
    "text that is no UTF-8": Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=False),
    "masked": Frame(Opcode.BINARY, b"\x00\x00").serialize(mask=True),
    "reserved opcode": b"\x83\x00",
    "reserved bits": b"\xf2\x01\x00",
    "continuation of nothing": b"\x80\x01\x00",
    "long ping": b"\x89\x7e\x00\xff" + bytes(255),
    "a million terabytes": b"\x82\x7f\x0f\xff\xff\xff\xff\xff\xff\xff",
    "two gigabytes": b"\x82\x7f" + (2 * 1024**3).to_bytes(8, "big"),
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}
CODES = (1000, 1001, 1008, 1009, 1011, 1012, 1013, 3000, 4999)
CLOSES: dict[str, bytes] = {
    **{str(code): Frame(Opcode.CLOSE, Close(code, "why not").serialize()).serialize(mask=False) for code in CODES},
    "without code": Frame(Opcode.CLOSE, b"").serialize(mask=False),
    "bad code": Frame(Opcode.CLOSE, (1005).to_bytes(2, "big")).serialize(mask=False),
    "half a code": Frame(Opcode.CLOSE, b"\x03").serialize(mask=False),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with lab_server(tmp_path_factory.mktemp("server"), in_memory=True) as running:
        yield running


@pytest.mark.parametrize("name", [*GARBAGE, *(f"close {name}" for name in CLOSES)])
def test_what_no_sane_server_sends_costs_a_reconnection_and_nothing_else(server: RunningServer, name: str) -> None:
    async def play(scene: Stage) -> None:
        async with scene.client() as (conn, witness, _):
            await conn.reducers.change(steps=[0, 1, 1, 1, 2, 0, 1, 5])
            identity, first = conn.identity, conn.connection_id
            pending = asyncio.gather(
                *(conn.reducers.change(steps=[0, key, 1, key]) for key in range(2, 30)), return_exceptions=True
            )
            scene.proxy.inject(GARBAGE[name] if name in GARBAGE else CLOSES[name.removeprefix("close ")])
            lost = await within(answer(pending))
            assert all(each is None or isinstance(each, ConnectionLost) for each in lost), lost
            await until_replaced(conn, first)
            scene.change(0, 1, 1, 77, 3, 0, 1, 5)
            await settled(conn)
            assert conn.identity == identity
            assert witness.items[1].value == 77
            assert witness.marks == set()
            acknowledged = {key for key, each in zip(range(2, 30), lost, strict=True) if each is None}
            assert acknowledged <= set(witness.items)
            witness.assert_agrees(conn)
            assert {row.id: row for row in await conn.query("SELECT * FROM item")} == witness.items

    with stage(server) as scene:
        asyncio.run(within(play(scene)))


def test_garbage_instead_of_a_greeting_is_said_at_once(server: RunningServer) -> None:
    async def play(scene: Stage) -> None:
        scene.proxy.edit = lambda frame: binary(b"\x00\xff garbage")
        with pytest.raises(BrokenMessage):
            await DbConnection.connect(scene.proxy.url, "lab", reconnect=QUICK, on_error=Troubles())
        assert len(asyncio.all_tasks()) == 1

    with stage(server) as scene:
        asyncio.run(within(play(scene)))


class Greeter(asyncio.Protocol):
    """Answers a request's head with fixed bytes, and hangs up."""

    def __init__(self, answer: bytes, taken: "list[Greeter]") -> None:
        self.answer, self.heard, self.taken = answer, b"", taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.taken.append(self)

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if b"\r\n\r\n" in self.heard and not self.transport.is_closing():
            self.transport.write(self.answer)
            self.transport.close()


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b""]
)
def test_another_kind_of_server_is_told_from_ours(head: bytes) -> None:
    async def play() -> None:
        taken: list[Greeter] = []
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: Greeter(head, taken), "127.0.0.1", 0) as other:
            url = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}"
            with pytest.raises((ConnectFailed, ServerNotReachable)) as caught:
                await DbConnection.connect(url, "lab", reconnect=QUICK, on_error=Troubles())
            assert url in str(caught.value)
        for greeter in taken:
            greeter.transport.abort()
        await asyncio.sleep(0)  # they are closed in the loop's next turn

    asyncio.run(within(play()))


def test_rows_that_are_cut_off_fail_the_call_that_waits_for_them(server: RunningServer) -> None:
    """Each message that cannot be read ends the connection by SchemaMismatch or BrokenMessage, and no call hangs."""

    def cut(frame: bytes) -> bytes:
        return binary(frame[2:-3]) if frame[3:4] == b"\x05" else frame

    async def play(scene: Stage) -> None:
        async with scene.client() as (conn, _, _):
            await conn.reducers.fill(first=0, count=3, text="x")
            scene.proxy.edit = cut
            with pytest.raises((ConnectionLost, SchemaMismatch)):
                await conn.query("SELECT * FROM item")
            scene.proxy.edit = None

    with stage(server) as scene:
        asyncio.run(within(play(scene)))


def test_row_of_many_megabytes_comes_whole(server: RunningServer) -> None:
    text = "ß" * (12 * 1024 * 1024)

    async def play(scene: Stage) -> None:
        async with scene.client() as (conn, witness, _), scene.client(QUERY) as (other, heard, _):
            await conn.reducers.fill(first=0, count=1, text=text)
            await settled(other)
            assert [row.label == text for row in conn.db.item] == [True]
            assert [row.label == text for row in other.db.item] == [True]
            witness.assert_agrees(conn)
            heard.assert_agrees(other)

    with stage(server) as scene:
        asyncio.run(within(play(scene)))

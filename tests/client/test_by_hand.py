"""The client against a server whose bytes are written out here, field by field, by no code of ours."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from struct import pack
from typing import Any  # Any: events and rows of several classes

import brotli
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from stdbctl import client
from stdbctl.client import (
    Bindings,
    Call,
    EventTableHandle,
    InternalError,
    KeyedTableHandle,
    Primitive,
    ReducerError,
    RemoteModule,
    RemoteProcedure,
    RemoteReducer,
    RemoteTable,
    SubscriptionError,
    TableHandle,
    Tables,
    Typespace,
    option,
    product,
)
from tests.client.lab.witness import Troubles, within

V3, V2 = Subprotocol("v3.bsatn.spacetimedb"), Subprotocol("v2.bsatn.spacetimedb")
ROWS = (
    product(id=Primitive.U32, text=Primitive.STRING),
    product(x=Primitive.U16),
    product(number=Primitive.U32),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    number: int


NOTE = RemoteTable(
    name="note", accessor="note", row=ROWS[0], row_class=Note, primary_key="id", unique=(("id",),), indexes=(("id",),)
)
DOT = RemoteTable(name="dot", accessor="dot", row=ROWS[1], row_class=Dot)
FLASH = RemoteTable(name="flash", accessor="flash", row=ROWS[2], row_class=Flash, is_event=True)
Context = client.EventContext["Db", "Reducers"]


class Db:
    def __init__(self, tables: Tables) -> None:
        self.note: KeyedTableHandle[Note, Context] = KeyedTableHandle(tables, NOTE)
        self.dot: TableHandle[Dot, Context] = TableHandle(tables, DOT)
        self.flash: EventTableHandle[Flash, Context] = EventTableHandle(tables, FLASH)


class Reducers(client.Reducers):
    def say(self, *, text: str) -> Call[None]:
        return self._call("say", text)


class Procedures(client.Procedures):
    def ask(self, *, n: int) -> Call[str | None]:
        return self._call("ask", n)


class DbConnection(client.DbConnection[Db, Reducers, Procedures]):
    bindings = Bindings(
        module=RemoteModule(
            types=Typespace(ROWS),
            classes=(Note, Dot, Flash),
            tables=(NOTE, DOT, FLASH),
            reducers=(
                RemoteReducer(name="say", accessor="say", params=product(text=Primitive.STRING), param_names=("text",)),
            ),
            procedures=(
                RemoteProcedure(
                    name="ask",
                    accessor="ask",
                    params=product(n=Primitive.U32),
                    param_names=("n",),
                    returns=option(Primitive.STRING),
                ),
            ),
        ),
        db=Db,
        reducers=Reducers,
        procedures=Procedures,
    )


# -- bytes, by hand -------------------------------------------------------------------------------------------------


def u32(*numbers: int) -> bytes:
    return pack(f"<{len(numbers)}I", *numbers)


def text(value: str) -> bytes:
    data = value.encode()
    return u32(len(data)) + data


def listed(*items: bytes) -> bytes:
    return u32(len(items)) + b"".join(items)


def note(id_: int, said: str) -> bytes:
    return u32(id_) + text(said)


def dot(x: int) -> bytes:
    return pack("<H", x)


def fixed(size: int, *rows: bytes) -> bytes:
    return b"\0" + pack("<H", size) + u32(size * len(rows)) + b"".join(rows)


def cut(*rows: bytes) -> bytes:
    starts = [sum(map(len, rows[:at])) for at in range(len(rows))]
    return b"\1" + u32(len(rows)) + pack(f"<{len(rows)}Q", *starts) + u32(sum(map(len, rows))) + b"".join(rows)


def table_rows(name: str, rows: bytes) -> bytes:
    return text(name) + rows


def persistent(inserts: bytes, deletes: bytes) -> bytes:
    return b"\0" + inserts + deletes


def query_set(set_id: int, *tables: bytes) -> bytes:
    return u32(set_id) + listed(*tables)


def changed(name: str, *updates: bytes) -> bytes:
    return text(name) + listed(*updates)


IDENTITY, CONNECTION = bytes(range(32)), bytes(range(16))
GREETING = b"\0" + IDENTITY + CONNECTION + text("a token")
TIME = pack("<q", 1_700_000_000_000_000)


def applied(request: int, set_id: int, *tables: bytes) -> bytes:
    return b"\1" + u32(request, set_id) + listed(*tables)


def update(*sets: bytes) -> bytes:
    return b"\4" + listed(*sets)


def reducer_ok(request: int, *sets: bytes) -> bytes:
    return b"\6" + u32(request) + TIME + b"\0" + u32(0) + listed(*sets)


def procedure_returned(request: int, value: bytes) -> bytes:
    return b"\7\0" + u32(len(value)) + value + TIME + pack("<q", 5) + u32(request)


# -- the stage ------------------------------------------------------------------------------------------------------


class Peer:
    """The server's end of one socket. Frames are plain unless said otherwise."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def heard(self) -> bytes:
        """The client's next frame."""
        frame = await self.socket.recv()
        assert isinstance(frame, bytes)
        return frame

    async def asked(self) -> tuple[int, int]:
        """Request and query set of the Subscribe or Unsubscribe that comes next."""
        frame = await self.heard()
        assert frame[0] in (0, 1), frame
        return int.from_bytes(frame[1:5], "little"), int.from_bytes(frame[5:9], "little")

    async def called(self) -> int:
        """The request of the call that comes next."""
        frame = await self.heard()
        assert frame[0] in (2, 3, 4), frame
        return int.from_bytes(frame[1:5], "little")

    async def called_twice(self, args: bytes) -> list[int]:
        """The requests of two calls, in one frame or two; `args`: of the first, with their length."""
        frame = await self.heard()
        second = 1 + 4 + 1 + len(text("say")) + len(args)
        frame = frame if len(frame) > second else frame + await self.heard()
        assert frame[13:second] == args
        return [_ids(frame)[0], _ids(frame[second:])[0]]

    async def say(self, *messages: bytes, how: int = 0) -> None:
        """Send one frame. `how`: its first byte."""
        pack = (bytes, brotli.compress, gzip.compress)[how]
        await self.socket.send(bytes([how]) + pack(b"".join(messages)))


Scene = Callable[[DbConnection, Peer], Awaitable[None]]


def play(
    scene: Scene, *, protocol: Subprotocol = V3, compression: Any = "none", reported: tuple[str, ...] = ()
) -> None:
    """Let a client talk with a scene. `reported`: a word of each error that goes to `on_error`."""

    async def run() -> None:
        peers: asyncio.Queue[Peer] = asyncio.Queue()

        async def greet(socket: ServerConnection) -> None:
            peer = Peer(socket)
            await peer.say(GREETING)
            peers.put_nowait(peer)
            await socket.wait_closed()

        async with serve(greet, "127.0.0.1", 0, subprotocols=[protocol], compression=None) as server:
            port = server.sockets[0].getsockname()[1]
            troubles = Troubles()
            async with DbConnection.connect(
                f"http://127.0.0.1:{port}",
                "by-hand",
                check_schema=False,
                reconnect=False,
                compression=compression,
                on_error=troubles,
            ) as conn:
                await scene(conn, await peers.get())
            assert len(troubles) == len(reported)
            assert all(word in str(error) for word, (error, _) in zip(reported, troubles, strict=True))

    asyncio.run(within(run()))


async def subscribed(conn: DbConnection, peer: Peer, *tables: bytes, how: int = 0) -> tuple[client.Subscription, int]:
    """Subscribe, and answer with rows; the subscription and its query set's number."""
    asking = asyncio.ensure_future(_subscribe(conn))
    request, set_id = await peer.asked()
    await peer.say(applied(request, set_id, *tables), how=how)
    return await asking, set_id


async def _subscribe(conn: DbConnection) -> client.Subscription:
    return await conn.subscribe("SELECT * FROM note")


def notes(conn: DbConnection) -> dict[int, str]:
    return {row.id: row.text for row in conn.db.note}


async def caught_up(conn: DbConnection, peer: Peer) -> None:
    """Wait until the client has read all that was said."""
    call = conn.reducers.say(text="")
    await peer.say(reducer_ok(await peer.called()))
    await call


# -- promises -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [V3, V2])
def test_identity_and_requests_are_these_bytes(protocol: Subprotocol) -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        assert conn.identity is not None
        assert conn.connection_id is not None
        assert (str(conn.identity), str(conn.connection_id)) == (IDENTITY[::-1].hex(), CONNECTION[::-1].hex())
        assert conn.token == "a token"
        asking = asyncio.ensure_future(_subscribe(conn))
        frame = await peer.heard()
        assert frame == b"\0" + frame[1:9] + listed(text("SELECT * FROM note"))
        await peer.say(applied(*_ids(frame)))
        ending = asyncio.ensure_future(_end(await asking))
        frame = await peer.heard()
        assert (frame[0], frame[9:]) == (1, b"\1")
        await peer.say(b"\2" + frame[1:9] + b"\1")
        await ending
        call = conn.reducers.say(text="é")
        frame = await peer.heard()
        assert frame == b"\3" + frame[1:5] + b"\0" + text("say") + u32(6) + text("é")
        await peer.say(b"\6" + frame[1:5] + TIME + b"\1")
        await call
        asked = conn.procedures.ask(n=258)
        frame = await peer.heard()
        assert frame == b"\4" + frame[1:5] + b"\0" + text("ask") + u32(4) + u32(258)
        await peer.say(procedure_returned(_ids(frame)[0], b"\0" + text("yes")))
        assert await asked == "yes"
        query = asyncio.ensure_future(_query(conn))
        frame = await peer.heard()
        assert frame == b"\2" + frame[1:5] + text("SELECT * FROM dot")
        await peer.say(b"\5" + frame[1:5] + b"\0" + listed(table_rows("dot", fixed(2, dot(1), dot(2)))))
        assert await query == [Dot(x=1), Dot(x=2)]

    play(scene, protocol=protocol)


def _ids(frame: bytes) -> tuple[int, int]:
    return int.from_bytes(frame[1:5], "little"), int.from_bytes(frame[5:9], "little")


async def _end(subscription: client.Subscription) -> None:
    await subscription.unsubscribe()


async def _query(conn: DbConnection) -> list[Any]:
    return await conn.query("SELECT * FROM dot")


@pytest.mark.parametrize("protocol", [V3, V2])
@pytest.mark.parametrize("how", [0, 1, 2])
def test_rows_come_by_either_hint_and_compressed_or_not(how: int, protocol: Subprotocol) -> None:
    long = "x" * 70_000

    async def scene(conn: DbConnection, peer: Peer) -> None:
        rows = cut(note(1, "a"), note(2, long), note(3, ""))
        await subscribed(conn, peer, table_rows("note", rows), table_rows("dot", fixed(2, dot(7), dot(8))), how=how)
        assert notes(conn) == {1: "a", 2: long, 3: ""}
        assert sorted(row.x for row in conn.db.dot) == [7, 8]
        await subscribed(conn, peer, table_rows("note", fixed(9, note(4, "b"), note(5, "c"))), how=how)
        assert notes(conn) == {1: "a", 2: long, 3: "", 4: "b", 5: "c"}
        await subscribed(conn, peer, table_rows("note", cut()), how=how)
        await subscribed(conn, peer, how=how)
        assert len(conn.db.note) == 5

    play(scene, protocol=protocol, compression=("none", "brotli", "gzip")[how])


def test_answers_that_share_a_frame_take_effect_in_their_order() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        _, set_id = await subscribed(conn, peer)
        told: list[Any] = []
        conn.db.note.on_insert(lambda ctx, row: told.append(("insert", row.id, type(ctx.event).__name__)))
        conn.db.note.on_update(lambda ctx, old, new: told.append(("update", old.text, new.text)))
        conn.db.note.on_delete(lambda ctx, row: told.append(("delete", row.id, len(conn.db.note))))
        calls = [conn.reducers.say(text=word) for word in ("first", "second")]
        ids = await peer.called_twice(u32(9) + text("first"))
        none = cut()
        await peer.say(
            update(query_set(set_id, changed("note", persistent(cut(note(1, "a"), note(2, "b")), none)))),
            reducer_ok(ids[0], query_set(set_id, changed("note", persistent(cut(note(1, "A")), cut(note(1, "a")))))),
            update(
                query_set(
                    set_id,
                    changed("note", persistent(none, cut(note(2, "b"))), persistent(cut(note(3, "c")), none)),
                )
            ),
            b"\6" + u32(ids[1]) + TIME + b"\2" + text(text("no").decode("latin-1")),
        )
        await calls[0]
        with pytest.raises(ReducerError, match="no"):
            await calls[1]
        assert told == [
            ("insert", 1, "TransactionEvent"),
            ("insert", 2, "TransactionEvent"),
            ("update", "a", "A"),
            ("delete", 2, 2),
            ("insert", 3, "TransactionEvent"),
        ]
        assert notes(conn) == {1: "A", 3: "c"}

    play(scene)


def test_row_of_two_query_sets_stays_until_both_have_let_it_go() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        gone: list[int] = []
        conn.db.note.on_delete(lambda _, row: gone.append(row.id))
        rows = table_rows("note", cut(note(1, "a")))
        (first, first_id), (second, second_id) = [await subscribed(conn, peer, rows) for _ in range(2)]
        ending = asyncio.ensure_future(_end(first))
        request, _ = await peer.asked()
        await peer.say(b"\2" + u32(request, first_id) + b"\0" + listed(rows))
        await ending
        assert (notes(conn), gone, first.is_active, second.is_active) == ({1: "a"}, [], False, True)
        ending = asyncio.ensure_future(_end(second))
        request, _ = await peer.asked()
        await peer.say(b"\2" + u32(request, second_id) + b"\1")
        await ending
        assert (notes(conn), gone) == ({}, [1])

    play(scene)


def test_events_are_told_and_not_kept() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        _, set_id = await subscribed(conn, peer)
        seen: list[int] = []
        conn.db.flash.on_insert(lambda _, row: seen.append(row.number))
        await peer.say(update(query_set(set_id, changed("flash", b"\1" + fixed(4, u32(7), u32(7), u32(9))))))
        await caught_up(conn, peer)
        assert seen == [7, 7, 9]

    play(scene)


def test_refusals_reach_whoever_asked() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        asking = asyncio.ensure_future(_subscribe(conn))
        request, set_id = await peer.asked()
        await peer.say(b"\3\0" + u32(request, set_id) + text("no such table"))
        with pytest.raises(SubscriptionError, match="no such table"):
            await asking
        call = conn.reducers.say(text="x")
        await peer.say(b"\6" + u32(await peer.called()) + TIME + b"\3" + text("fatal"))
        with pytest.raises(InternalError, match="fatal"):
            await call
        asked = conn.procedures.ask(n=1)
        await peer.say(b"\7\1" + text("broke") + bytes(16) + u32(await peer.called()))
        with pytest.raises(InternalError, match="broke"):
            await asked
        query = asyncio.ensure_future(_query(conn))
        await peer.say(b"\5" + u32(await peer.called()) + b"\1" + text("no such column"))
        with pytest.raises(client.QueryError, match="no such column"):
            await query

    play(scene)


def test_subscription_that_fails_later_ends_with_its_rows() -> None:
    """The server says neither which rows were its nor sends them: the other query sets are asked for anew."""

    async def scene(conn: DbConnection, peer: Peer) -> None:
        failing, set_id = await subscribed(conn, peer, table_rows("note", cut(note(1, "a"))))
        other, other_id = await subscribed(conn, peer, table_rows("note", cut(note(2, "b"))))
        why: list[tuple[int, str]] = []
        conn.db.note.on_delete(lambda ctx, row: why.append((row.id, type(ctx.event).__name__)))
        await peer.say(b"\3\1" + u32(set_id) + text("too many rows"))
        frame = await peer.heard()
        frame = frame if len(frame) > 10 else frame + await peer.heard()
        assert (frame[0], _ids(frame)[1], frame[9], frame[10]) == (1, other_id, 0, 0)
        request, anew_id = _ids(frame[10:])
        await peer.say(
            b"\2" + frame[1:9] + b"\1", applied(request, anew_id, table_rows("note", cut(note(2, "b"), note(3, "c"))))
        )
        await caught_up(conn, peer)
        assert (failing.is_active, other.is_active, notes(conn)) == (False, True, {2: "b", 3: "c"})
        assert (why, "too many rows" in str(failing.error)) == ([(1, "SubscriptionErrorEvent")], True)

    play(scene, reported=("too many rows",))


def test_procedure_may_be_answered_after_calls_that_came_later() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        slow, quick = conn.procedures.ask(n=1), conn.procedures.ask(n=2)
        requests = await peer.called_twice(u32(4) + u32(1))
        await peer.say(procedure_returned(requests[1], b"\1"))
        assert await quick is None
        await peer.say(procedure_returned(requests[0], b"\0" + text("late")))
        assert await slow == "late"

    play(scene)


def test_bystander_hears_a_thousand_messages_of_one_frame() -> None:
    async def scene(conn: DbConnection, peer: Peer) -> None:
        _, set_id = await subscribed(conn, peer)
        messages = [
            update(query_set(set_id, changed("note", persistent(cut(note(n, "")), cut())))) for n in range(1000)
        ]
        await peer.say(*messages, how=2)
        await caught_up(conn, peer)
        assert notes(conn) == dict.fromkeys(range(1000), "")

    play(scene, compression="gzip")

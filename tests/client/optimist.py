"""A session that predicts, with a server at the other end that does what a test says, when the test says it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from stdbctl.client import Call, Handler, Identity, Timestamp
from stdbctl.client.optimistic import OptimisticCaller
from stdbctl.client.session import Session
from stdbctl.protocol import (
    CallReducer,
    Subscribe,
    decode_client_messages,
    initial_connection,
    query_rows,
    reducer_error,
    reducer_internal_error,
    reducer_ok,
    subscribe_applied,
    transaction_update,
    update_body,
)
from stdbctl.sats import ConnectionId, compile_codec
from tests.client.example_bindings import Color, Db, Nothing, Point, Reducers, Tally
from tests.client.example_bindings.remote import MODULE, POINT, TALLY

ME, YOU = Identity.from_int(7), Identity.from_int(8)
_encode_point = compile_codec(POINT.row, MODULE.types).encode
_encode_tally = compile_codec(TALLY.row, MODULE.types).encode
QUERIES = ("SELECT * FROM point", "SELECT * FROM tally")


def point(number: int, x: float = 0.0, *, owner: Identity = ME, y: float = 0.5) -> Point:
    return Point(id=number, owner=owner, x=x, y=y, color=Color.RED, shape=Nothing(), note=None)


@dataclass
class Rows:
    """What a database holds."""

    points: dict[int, Point] = field(default_factory=dict)
    tallies: dict[tuple[str, int], Tally] = field(default_factory=dict)

    def copy(self) -> "Rows":
        return Rows(dict(self.points), dict(self.tallies))


def _point_bytes(row: Point) -> bytes:
    return _encode_point((row.id, row.owner, row.x, row.y, (row.color.value, ()), (2, ()), row.note))


def _tally_bytes(row: Tally) -> bytes:
    return _encode_tally((row.name, row.count))


def _delta(old: Mapping[Any, Any], new: Mapping[Any, Any], encode: Callable[[Any], bytes]) -> tuple[Any, Any]:
    """The rows that came and went, as bytes."""
    came = [encode(row) for key, row in new.items() if old.get(key) != row]
    return came, [encode(row) for key, row in old.items() if new.get(key) != row]


class Optimist:
    """A client of the example module. `told`: (kind, rows, event) of every callback; `seen`: what they left."""

    is_async = True
    lock = nullcontext()

    def __init__(self, *, is_listening: bool = True) -> None:
        self.reports: list[BaseException] = []
        self.told: list[tuple[str, tuple[Any, ...], Any]] = []
        self.seen = Rows()
        self.server = Rows()
        self.session = Session(MODULE, "example", self, lambda: None)
        self.session.replica.connection = self
        self.session.replica.layers.db = Db(self.session.replica.layers)
        self.db = Db(self.session.replica)
        self.reducers = self.reducers_nowait = Reducers(self.session)
        self._set_id = 0
        self.calls: list[int] = []
        """Request ids that the server has not answered, oldest first."""
        if is_listening:
            self.listen()
        self.session.subscribe(QUERIES)
        self.open()

    # -- what a face does ----------------------------------------------------------------------------------------------

    def require_here(self, what: str) -> None:
        """Everywhere is here."""

    def require(self, what: str) -> None:
        raise AssertionError(f"nothing waits here for {what}")

    def wait_until(self, is_ready: object, timeout: float | None, what: str) -> None:
        raise AssertionError(f"nothing waits here for {what}")

    def report(self, error: BaseException, where: str) -> None:
        self.reports.append(error)

    def optimistic(self, effect: Callable[[Db], object]) -> Reducers:
        return Reducers(OptimisticCaller(self.session, effect))

    def predict(self, reducer: str, effect: Callable[..., object]) -> Handler:
        return Handler(self.session.predictions[reducer], effect)

    # -- what a server does --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """The socket is there, and the subscription brings the rows."""
        self.greet()
        self.answer_subscription(self.server)

    def greet(self) -> None:
        """The socket is there, and the subscription is asked for."""
        self.session.opened(is_batched=True)
        self._receive(initial_connection(ME, ConnectionId.from_int(1), "token"))
        self.hear()

    def answer_subscription(self, rows: Rows) -> None:
        """The subscription brings these rows."""
        tables = [
            ("point", [_point_bytes(row) for row in rows.points.values()]),
            ("tally", [_tally_bytes(row) for row in rows.tallies.values()]),
        ]
        self._receive(subscribe_applied(0, self._set_id, query_rows(tables)))

    def hear(self) -> None:
        """Take what the client has sent."""
        for data in self.session.take_messages():
            for message in decode_client_messages(data, batched=False):
                if isinstance(message, Subscribe):
                    self._set_id = message.query_set_id
                elif isinstance(message, CallReducer):
                    self.calls.append(message.request_id)

    def lose(self) -> None:
        self.hear()
        self.calls.clear()
        self.session.lost("the cable")

    def commit(self, new: Rows) -> None:
        """Answer the oldest call: it did this."""
        update = self._update(new)
        self._receive(reducer_ok(self._next_call(), Timestamp(1), update_body(update)))

    def refuse(self, text: str = "no") -> None:
        """Answer the oldest call: the module refuses."""
        self._receive(reducer_error(self._next_call(), Timestamp(1), text))

    def break_down(self) -> None:
        """Answer the oldest call: it failed."""
        self._receive(reducer_internal_error(self._next_call(), Timestamp(1), "broken"))

    def others(self, new: Rows) -> None:
        """Somebody else did this."""
        self._receive(transaction_update(self._update(new)))

    def _next_call(self) -> int:
        self.hear()
        return self.calls.pop(0)

    def _update(self, new: Rows) -> list[Any]:
        old, self.server = self.server, new.copy()
        points = _delta(old.points, new.points, _point_bytes)
        tallies = _delta(old.tallies, new.tallies, _tally_bytes)
        tables = [("point", False, *points), ("tally", False, *tallies)]
        changed = [table for table in tables if table[2] or table[3]]
        return [(self._set_id, changed)] if changed else []

    def _receive(self, message: bytes) -> None:
        self.session.receive(b"\0" + message)

    # -- what somebody hears -------------------------------------------------------------------------------------------

    def take(self) -> list[tuple[str, tuple[Any, ...], str]]:
        """What callbacks were told since the last time, with the event's class."""
        told, self.told = self.told, []
        return [(kind, rows, type(event).__name__) for kind, rows, event in told]

    def shown(self) -> Rows:
        """What the tables show."""
        points, tallies = list(self.db.point), list(self.db.tally)
        assert (len(self.db.point), len(self.db.tally)) == (len(points), len(tallies))
        rows = Rows({row.id: row for row in points}, {(row.name, row.count): row for row in tallies})
        assert len(rows.points) == len(points), "a key occurs once"
        return rows

    def listen(self) -> None:
        """Hear of every change, and follow it."""
        self.db.point.on_insert(lambda ctx, row: self._came(ctx, row))
        self.db.point.on_delete(lambda ctx, row: self._went(ctx, row))
        self.db.point.on_update(lambda ctx, old, new: self._changed(ctx, old, new))
        self.db.tally.on_insert(lambda ctx, row: self._tally_came(ctx, row))
        self.db.tally.on_delete(lambda ctx, row: self._tally_went(ctx, row))

    def _came(self, ctx: Any, row: Point) -> None:
        assert row.id not in self.seen.points
        self.seen.points[row.id] = row
        self.told.append(("insert", (row,), ctx.event))

    def _went(self, ctx: Any, row: Point) -> None:
        assert self.seen.points.pop(row.id) == row
        self.told.append(("delete", (row,), ctx.event))

    def _changed(self, ctx: Any, old: Point, new: Point) -> None:
        assert self.seen.points.pop(old.id) == old != new
        assert new.id not in self.seen.points
        self.seen.points[new.id] = new
        self.told.append(("update", (old, new), ctx.event))

    def _tally_came(self, ctx: Any, row: Tally) -> None:
        assert (row.name, row.count) not in self.seen.tallies
        self.seen.tallies[row.name, row.count] = row
        self.told.append(("insert", (row,), ctx.event))

    def _tally_went(self, ctx: Any, row: Tally) -> None:
        assert self.seen.tallies.pop((row.name, row.count)) == row
        self.told.append(("delete", (row,), ctx.event))

    def add(self, x: float, *, y: float = 0.5) -> Call[None]:
        """Call `add_point`, predicted as it will be but for the number."""
        effect: Callable[[Db], object] = lambda db: db.point.insert(point(0, x, y=y))  # noqa: E731  # its type
        return self.optimistic(effect).add_point(x=x, y=y, color=Color.RED, shape=Nothing(), note=None)

    def move(self, number: int, x: float) -> Call[None]:
        """Call `move_point`, predicted to end well where there is such a point."""

        def effect(db: Db) -> None:
            found = db.point.find(id=number)
            if found is not None:
                db.point.update(replace(found, x=x))

        return self.optimistic(effect).move_point(id=number, x=x)

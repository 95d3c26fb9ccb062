"""A connection's state without sockets: bytes in, bytes out; what a real server does only on bad days."""

import gzip
import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from stdbctl.client import (
    BrokenMessage,
    ConnectionClosed,
    ConnectionLost,
    Handler,
    Identity,
    ReconnectEvent,
    SchemaMismatch,
    SubscriptionErrorEvent,
    Timestamp,
)
from stdbctl.client.session import Session
from stdbctl.client.subscriptions import Subscription
from stdbctl.protocol import (
    ClientMessage,
    Subscribe,
    Unsubscribe,
    decode_client_messages,
    initial_connection,
    query_rows,
    reducer_ok,
    subscribe_applied,
    subscription_error,
    transaction_update,
    unsubscribe_applied,
    update_body,
)
from stdbctl.sats import ConnectionId, compile_codec
from tests.client.example_bindings.remote import MODULE, POINT, TALLY

ME = Identity.from_int(7)
_point = compile_codec(POINT.row, MODULE.types).encode
_tally = compile_codec(TALLY.row, MODULE.types).encode
Rows = Sequence[tuple[str, Sequence[bytes]]]


def point(number: int, x: float = 0.0) -> bytes:
    return _point((number, ME, x, 0.5, (0, ()), (2, ()), None))


class Harness:
    """A session with somebody at the other end. `told`: (kind, event's class, id, x) of every callback."""

    is_async = True
    lock = nullcontext()

    def __init__(self, *, is_batched: bool = True) -> None:
        self.reports: list[tuple[BaseException, str]] = []
        self.told: list[tuple[str, type[Any], int, float]] = []
        self.session = Session(MODULE, "example", self, lambda: None)
        listeners = self.session.replica.caches["point"].listeners
        Handler(listeners.insert, lambda ctx, row: self._tell("insert", ctx, row))
        Handler(listeners.delete, lambda ctx, row: self._tell("delete", ctx, row))
        Handler(listeners.update, lambda ctx, old, new: self._tell("update", ctx, new))
        self.open(is_batched=is_batched)

    def _tell(self, kind: str, context: Any, row: Any) -> None:
        self.told.append((kind, type(context.event), row.id, row.x))

    def wait_until(self, is_ready: object, timeout: float | None, what: str) -> None:
        raise AssertionError(f"nothing waits here for {what}")

    def require_here(self, what: str) -> None:
        """Everywhere is here."""

    def require(self, what: str) -> None:
        raise AssertionError(f"nothing waits here for {what}")

    def report(self, error: BaseException, where: str) -> None:
        self.reports.append((error, where))

    def open(self, *, is_batched: bool = True) -> None:
        self.session.opened(is_batched=is_batched)
        self.receive(initial_connection(ME, ConnectionId.from_int(1), "token"))

    def receive(self, *messages: bytes) -> None:
        self.session.receive(b"\0" + b"".join(messages))

    def sent(self) -> list[ClientMessage]:
        """The messages that wait to be sent, and now no longer do."""
        return [m for data in self.session.take_messages() for m in decode_client_messages(data, batched=False)]

    def subscribe(self, query: str = "SELECT * FROM point", rows: Rows = ()) -> tuple[Subscription, int]:
        """An active subscription and its query set."""
        call = self.session.subscribe((query,))
        set_id = self.subscribed()[-1]
        self.receive(subscribe_applied(0, set_id, query_rows(rows)))
        return call.result(), set_id

    def subscribed(self) -> list[int]:
        """The query sets that are asked for now."""
        return [message.query_set_id for message in self.sent() if isinstance(message, Subscribe)]

    def xs(self) -> dict[int, float]:
        return {row.id: row.x for row in self.session.replica.caches["point"].rows()}

    def take(self) -> list[tuple[str, type[Any], int, float]]:
        told, self.told = self.told, []
        return told


def test_after_a_reconnection_only_differences_are_told() -> None:
    harness = Harness()
    subscription, old_id = harness.subscribe(rows=[("point", [point(1), point(2), point(3)])])
    harness.take()
    harness.session.lost("gone")
    assert (set(harness.xs()), harness.take()) == ({1, 2, 3}, [])
    harness.open()
    (new_id,) = harness.subscribed()
    assert new_id != old_id
    harness.receive(subscribe_applied(0, new_id, query_rows([("point", [point(2), point(3, 9.0), point(4)])])))
    assert harness.take() == [
        ("delete", ReconnectEvent, 1, 0.0),
        ("update", ReconnectEvent, 3, 9.0),
        ("insert", ReconnectEvent, 4, 0.0),
    ]
    assert (harness.xs(), subscription.is_active) == ({2: 0.0, 3: 9.0, 4: 0.0}, True)


def test_rows_are_reconciled_once_all_subscriptions_have_answered() -> None:
    harness = Harness()
    harness.subscribe(rows=[("point", [point(1)])])
    harness.subscribe("SELECT * FROM point WHERE x > 1", rows=[("point", [point(2, 2.0)])])
    harness.take()
    harness.session.lost("gone")
    harness.open()
    first, second = harness.subscribed()
    call = harness.session.call_reducer("clear_points", ())
    harness.receive(subscribe_applied(0, first, query_rows([])))
    harness.receive(transaction_update([(first, [("point", False, [point(5)], [])])]))
    harness.receive(reducer_ok(2**32 - 1, Timestamp(1)))  # nobody asked: ignored
    assert (harness.take(), set(harness.xs())) == ([], {1, 2})
    harness.receive(subscribe_applied(0, second, query_rows([("point", [point(2, 2.0)])])))
    assert harness.take() == [("delete", ReconnectEvent, 1, 0.0), ("insert", ReconnectEvent, 5, 0.0)]
    assert not call.is_done


def test_a_call_answered_while_rows_are_reconciled_ends_when_its_rows_are_there() -> None:
    harness = Harness()
    harness.subscribe()
    harness.session.lost("gone")
    harness.open()
    (set_id,) = harness.subscribed()
    call = harness.session.call_reducer("clear_points", ())
    (message,) = harness.sent()
    update = update_body([(set_id, [("point", False, [point(1)], [])])])
    harness.receive(reducer_ok(message.request_id, Timestamp(1), update))
    was_done = call.is_done
    harness.receive(subscribe_applied(0, set_id, query_rows([])))
    assert (was_done, call.is_done) == (False, True)
    assert harness.xs() == {1: 0.0}


def test_calls_under_way_fail_when_the_socket_is_lost_and_subscriptions_wait() -> None:
    harness = Harness()
    call = harness.session.call_reducer("clear_points", ())
    waiting = harness.session.subscribe(("SELECT * FROM point",))
    harness.sent()
    harness.session.lost("the cable")
    assert isinstance(call.exception(), ConnectionLost)
    with pytest.raises(ConnectionLost, match="no connection at the moment"):
        harness.session.call_reducer("clear_points", ())
    harness.open()
    (set_id,) = harness.subscribed()
    harness.receive(subscribe_applied(0, set_id, query_rows([])))
    assert waiting.result().is_active


def test_a_subscription_made_or_ended_while_away_is_so_when_the_connection_is_back() -> None:
    harness = Harness()
    ended, _ = harness.subscribe(rows=[("point", [point(1)])])
    harness.session.lost("gone")
    ending = ended.unsubscribe()
    assert ending.is_done
    made = harness.session.subscribe(("SELECT * FROM tally",))
    harness.open()
    (set_id,) = harness.subscribed()
    harness.receive(subscribe_applied(0, set_id, query_rows([("tally", [_tally(("a", 1))])])))
    assert made.result().is_active
    assert harness.xs() == {}


def test_a_subscription_refused_after_a_reconnection_ends_and_takes_its_rows() -> None:
    harness = Harness()
    subscription, _ = harness.subscribe(rows=[("point", [point(1)])])
    harness.session.lost("gone")
    harness.open()
    (set_id,) = harness.subscribed()
    harness.receive(subscription_error(0, set_id, "no such table"))
    assert (harness.xs(), subscription.is_ended) == ({}, True)
    assert [where for _, where in harness.reports] == ["an active subscription"]


def test_an_active_subscription_that_fails_takes_only_its_own_rows() -> None:
    harness = Harness()
    failing, failing_id = harness.subscribe(rows=[("point", [point(1), point(2)])])
    other, other_id = harness.subscribe("SELECT * FROM point WHERE x = 0", rows=[("point", [point(2), point(3)])])
    harness.take()
    harness.receive(subscription_error(None, failing_id, "division by zero"))
    messages = harness.sent()
    assert [m.query_set_id for m in messages if isinstance(m, Unsubscribe)] == [other_id]
    (new_id,) = [m.query_set_id for m in messages if isinstance(m, Subscribe)]
    # What the server still says of the old set means nothing any more.
    harness.receive(transaction_update([(other_id, [("point", False, [point(9)], [])])]))
    harness.receive(subscribe_applied(0, new_id, query_rows([("point", [point(2), point(3)])])))
    assert harness.take() == [("delete", SubscriptionErrorEvent, 1, 0.0)]
    assert (failing.is_ended, other.is_active) == (True, True)
    assert failing.error is not None
    assert "division by zero" in str(failing.error)


def test_an_end_without_rows_is_made_good_by_counting_anew() -> None:
    harness = Harness()
    ending, set_id = harness.subscribe(rows=[("point", [point(1)])])
    harness.subscribe("SELECT * FROM point WHERE x = 0", rows=[("point", [point(2)])])
    call = ending.unsubscribe()
    harness.sent()
    harness.receive(unsubscribe_applied(0, set_id, None))
    (new_id,) = harness.subscribed()
    harness.receive(subscribe_applied(0, new_id, query_rows([("point", [point(2)])])))
    assert call.is_done
    assert harness.xs() == {2: 0.0}


def test_a_row_that_is_not_equal_to_itself_is_still_the_same_row() -> None:
    harness = Harness()
    rows: Rows = [("point", [point(1, math.nan)])]
    harness.subscribe(rows=rows)
    harness.subscribe("SELECT * FROM point WHERE y = 0.5", rows=rows)
    assert len(harness.take()) == 1
    harness.session.lost("gone")
    harness.open()
    for set_id in harness.subscribed():
        harness.receive(subscribe_applied(0, set_id, query_rows(rows)))
    assert harness.take() == []


def test_rows_of_a_table_that_the_bindings_lack_are_left_aside_and_reported_once() -> None:
    harness = Harness()
    harness.subscribe("SELECT * FROM *", rows=[("secret", [b"\0"]), ("point", [point(1)])])
    harness.subscribe("SELECT * FROM secret", rows=[("secret", [b"\0"])])
    assert harness.xs() == {1: 0.0}
    assert [where for _, where in harness.reports] == ["rows of table `secret` came and were left aside"]


def test_rows_that_do_not_decode_change_nothing_and_name_the_remedy() -> None:
    harness = Harness()
    call = harness.session.subscribe(("SELECT * FROM point",))
    (set_id,) = harness.subscribed()
    with pytest.raises(SchemaMismatch, match="stdbctl generate --lang python"):
        harness.receive(subscribe_applied(0, set_id, query_rows([("point", [point(1), b"\1\2\3"])])))
    assert (harness.xs(), call.is_done) == ({}, False)


@pytest.mark.parametrize("frame", [b"", b"\0", b"\0\xff", b"\2garbage", b"\7", b"\0\4\xff\xff\xff\xff"])
def test_a_frame_that_holds_no_message_is_a_broken_message(frame: bytes) -> None:
    with pytest.raises(BrokenMessage):
        Harness().session.receive(frame)


def test_v2_gives_every_message_a_frame_and_v3_packs_them() -> None:
    for is_batched, count in ((True, 1), (False, 3)):
        harness = Harness(is_batched=is_batched)
        for _ in range(3):
            harness.session.call_reducer("clear_points", ())
        assert len(harness.session.frames(harness.session.take_messages())) == count


def test_after_the_end_everything_says_so() -> None:
    harness = Harness()
    subscription, _ = harness.subscribe()
    harness.session.ended(ConnectionClosed("the connection was closed"))
    assert subscription.is_ended
    with pytest.raises(ConnectionClosed):
        harness.session.call_reducer("clear_points", ())
    with pytest.raises(ConnectionClosed):
        harness.session.query("SELECT * FROM point")
    assert subscription.unsubscribe().is_done


def test_frames_may_come_compressed() -> None:
    harness = Harness()
    call = harness.session.subscribe(("SELECT * FROM point",))
    (set_id,) = harness.subscribed()
    rows = query_rows([("point", [point(number) for number in range(1000)])])
    harness.session.receive(b"\2" + gzip.compress(subscribe_applied(0, set_id, rows)))
    assert call.is_done
    assert len(harness.xs()) == 1000

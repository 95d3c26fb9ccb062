"""The special values: their texts, their order, and what they refuse."""

import datetime
import pickle
from typing import Any  # Any: values of several classes

import pytest

from stdbctl.sats import ConnectionId, Err, Identity, Ok, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

HEX = "c200ef884364c1a99be0298dc68f2004e4b97c09d1b1658b7db22f51fb662059"


def test_identity_is_its_hex_text_backwards() -> None:
    identity = Identity.from_hex(HEX)
    assert identity.data == bytes.fromhex(HEX)[::-1]
    assert identity == Identity.from_hex("0x" + HEX.upper()) == Identity.from_int(int(HEX, 16))
    assert (str(identity), identity.to_int()) == (HEX, int(HEX, 16))
    assert repr(identity) == f"Identity.from_hex('{HEX}')"


@pytest.mark.parametrize("text", ["", "c2", HEX[:-1], HEX + "0", "zz" * 32, " " * 64, "é" * 64])
def test_text_that_is_no_identity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Identity needs 64 hex digits"):
        Identity.from_hex(text)


def test_bytes_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="ConnectionId needs 16 bytes, got 3"):
        ConnectionId(b"abc")


def test_order_is_that_of_the_numbers() -> None:
    small, large = Identity.from_int(255), Identity.from_int(256)
    assert small < large
    assert small <= small  # the order includes equality
    assert large > small
    assert large >= small
    assert Uuid.from_int(1) < Uuid.from_int(2)
    assert Timestamp(1) < Timestamp(2)
    assert TimeDuration(-1) < TimeDuration(0)


def test_values_of_different_kinds_are_never_equal() -> None:
    assert Timestamp(1) != TimeDuration(1)
    assert ScheduleAt.at(Timestamp(1)) != ScheduleAt.every(TimeDuration(1))
    assert Some(1) != Ok(1)
    assert Ok(1) != Err(1)
    assert Identity.zero() != ConnectionId.zero()


VALUES: list[Any] = [
    Identity.from_hex(HEX),
    ConnectionId.from_int(7),
    Timestamp(5),
    TimeDuration(-5),
    Uuid.from_int(9),
    ScheduleAt.at(Timestamp(1)),
    Some(Some(None)),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_are_kept_by_copies_and_in_sets(value: Any) -> None:
    copy = pickle.loads(pickle.dumps(value))
    assert copy == value
    assert {value: 1}[copy] == 1


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (1_000, "1970-01-01T00:00:00.001+00:00"),
        (1, "1970-01-01T00:00:00.000001+00:00"),
        (-1, "1969-12-31T23:59:59.999999+00:00"),
        (2**63 - 1, "9223372036854775807 µs"),
    ],
)
def test_timestamp_reads_as_rfc_3339(micros: int, text: str) -> None:
    assert str(Timestamp(micros)) == text


def test_times_add_up_and_convert_exactly() -> None:
    moment = datetime.datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=datetime.UTC)
    stamp = Timestamp.from_datetime(moment)
    assert stamp.to_datetime() == moment
    assert stamp + TimeDuration.seconds(1.5) - stamp == TimeDuration(1_500_000)
    assert TimeDuration.from_timedelta(datetime.timedelta(days=1)).to_timedelta() == datetime.timedelta(days=1)
    assert (str(TimeDuration(-1_500_000)), str(TimeDuration(1))) == ("-1.500000", "+0.000001")
    with pytest.raises(ValueError, match="time zone"):
        Timestamp.from_datetime(datetime.datetime(2024, 1, 1))  # naive on purpose

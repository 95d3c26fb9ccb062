"""The special values of SATS: Identity, ConnectionId, Timestamp, TimeDuration, ScheduleAt, Uuid, Some, Ok, Err.

All are immutable, hashable and compared by value. They are both what module authors and Python clients see and
what the engine stores, so reading a row builds nothing.
"""

import datetime
import functools
import uuid as std_uuid
from typing import Generic, Self, TypeVar

T_co = TypeVar("T_co", covariant=True)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


class _HexValue:
    """An unsigned number of fixed width, kept as its BSATN bytes (least significant first), shown as hex."""

    __slots__ = ("_hash", "data")
    _width = 0
    data: bytes

    def __init__(self, data: bytes) -> None:
        if len(data) != self._width:
            raise ValueError(f"{type(self).__name__} needs {self._width} bytes, got {len(data)}")
        self.data = data
        self._hash = hash(data)

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read hex digits, most significant first, with or without `0x`; ValueError says what was expected."""
        digits = text[2:] if text[:2] in ("0x", "0X") else text
        try:
            if len(digits) != cls._width * 2 or not digits.isalnum():
                raise ValueError(digits)
            return cls(bytes.fromhex(digits)[::-1])
        except ValueError:
            raise ValueError(f"{cls.__name__} needs {cls._width * 2} hex digits, got {text!r}") from None

    @classmethod
    def from_int(cls, number: int) -> Self:
        """Make one from the unsigned number that its bytes spell."""
        return cls(number.to_bytes(cls._width, "little"))

    @classmethod
    def zero(cls) -> Self:
        """The reserved value that means "none"."""
        return cls(bytes(cls._width))

    def to_int(self) -> int:
        """The unsigned number that the bytes spell."""
        return int.from_bytes(self.data, "little")

    def to_hex(self) -> str:
        """The hex digits, most significant first, lower case, without `0x`."""
        return self.data[::-1].hex()

    def __str__(self) -> str:
        return self.to_hex()

    def __repr__(self) -> str:
        return f"{type(self).__name__}.from_hex({self.to_hex()!r})"

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.data == self.data

    def __lt__(self, other: Self) -> bool:
        return self.data[::-1] < other.data[::-1]

    def __le__(self, other: Self) -> bool:
        return self.data[::-1] <= other.data[::-1]

    def __gt__(self, other: Self) -> bool:
        return self.data[::-1] > other.data[::-1]

    def __ge__(self, other: Self) -> bool:
        return self.data[::-1] >= other.data[::-1]

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.data,)


class Identity(_HexValue):
    """A user or database: 256 bits, shown as 64 hex digits that begin with `c200`."""

    __slots__ = ()
    _width = 32


class ConnectionId(_HexValue):
    """One connection of a client: 128 bits, shown as 32 hex digits."""

    __slots__ = ()
    _width = 16


@functools.total_ordering
class TimeDuration:
    """A signed span of time in microseconds."""

    __slots__ = ("micros",)

    def __init__(self, micros: int) -> None:
        self.micros = micros

    @classmethod
    def from_micros(cls, micros: int) -> "TimeDuration":
        """Make one from whole microseconds."""
        return cls(micros)

    @classmethod
    def seconds(cls, seconds: float) -> "TimeDuration":
        """Make one from seconds; fractions are rounded to the nearest microsecond."""
        return cls(round(seconds * 1_000_000))

    @classmethod
    def from_timedelta(cls, delta: datetime.timedelta) -> "TimeDuration":
        """Make one from a `datetime.timedelta`, exactly."""
        return cls(delta // _MICROSECOND)

    def to_timedelta(self) -> datetime.timedelta:
        """The same span as a `datetime.timedelta`; OverflowError beyond its range."""
        return datetime.timedelta(microseconds=self.micros)

    def __add__(self, other: "TimeDuration") -> "TimeDuration":
        return TimeDuration(self.micros + other.micros) if isinstance(other, TimeDuration) else NotImplemented

    def __sub__(self, other: "TimeDuration") -> "TimeDuration":
        return TimeDuration(self.micros - other.micros) if isinstance(other, TimeDuration) else NotImplemented

    def __neg__(self) -> "TimeDuration":
        return TimeDuration(-self.micros)

    def __abs__(self) -> "TimeDuration":
        return TimeDuration(abs(self.micros))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeDuration) and other.micros == self.micros

    def __lt__(self, other: "TimeDuration") -> bool:
        return self.micros < other.micros if isinstance(other, TimeDuration) else NotImplemented

    def __hash__(self) -> int:
        return hash((TimeDuration, self.micros))

    def __repr__(self) -> str:
        return f"TimeDuration.from_micros({self.micros})"

    def __str__(self) -> str:
        sign, whole = ("-" if self.micros < 0 else "+"), abs(self.micros)
        return f"{sign}{whole // 1_000_000}.{whole % 1_000_000:06d}"


@functools.total_ordering
class Timestamp:
    """A point in time: microseconds since 1970-01-01T00:00:00Z."""

    __slots__ = ("micros",)

    def __init__(self, micros: int) -> None:
        self.micros = micros

    @classmethod
    def from_micros(cls, micros: int) -> "Timestamp":
        """Make one from microseconds since the epoch."""
        return cls(micros)

    @classmethod
    def from_datetime(cls, moment: datetime.datetime) -> "Timestamp":
        """Make one from an aware datetime, exactly; ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("Timestamp needs a datetime with a time zone")
        return cls((moment - _EPOCH) // _MICROSECOND)

    def to_datetime(self) -> datetime.datetime:
        """The same moment as an aware datetime in UTC; OverflowError beyond years 1 to 9999."""
        return _EPOCH + datetime.timedelta(microseconds=self.micros)

    def __add__(self, other: TimeDuration) -> "Timestamp":
        return Timestamp(self.micros + other.micros) if isinstance(other, TimeDuration) else NotImplemented

    def __sub__(self, other: "Timestamp | TimeDuration") -> "Timestamp | TimeDuration":
        if isinstance(other, Timestamp):
            return TimeDuration(self.micros - other.micros)
        return Timestamp(self.micros - other.micros) if isinstance(other, TimeDuration) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timestamp) and other.micros == self.micros

    def __lt__(self, other: "Timestamp") -> bool:
        return self.micros < other.micros if isinstance(other, Timestamp) else NotImplemented

    def __hash__(self) -> int:
        return hash((Timestamp, self.micros))

    def __repr__(self) -> str:
        return f"Timestamp.from_micros({self.micros})"

    def __str__(self) -> str:
        """RFC 3339 with 0, 3 or 6 digits of fraction, as SpacetimeDB shows it."""
        try:
            text = self.to_datetime()
        except OverflowError:
            return f"{self.micros} µs"
        digits = "microseconds" if text.microsecond % 1000 else "milliseconds" if text.microsecond else "seconds"
        return text.isoformat(timespec=digits)


class ScheduleAt:
    """When a scheduled row is due: `ScheduleAt.at(timestamp)` once, `ScheduleAt.every(duration)` repeatedly."""

    __slots__ = ("value",)

    def __init__(self, value: Timestamp | TimeDuration) -> None:
        self.value = value

    @classmethod
    def at(cls, timestamp: Timestamp) -> "ScheduleAt":
        """Due once, at this moment."""
        return cls(timestamp)

    @classmethod
    def every(cls, duration: TimeDuration) -> "ScheduleAt":
        """Due again and again, this far apart; first this long after insertion."""
        return cls(duration)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScheduleAt) and other.value == self.value

    def __hash__(self) -> int:
        return hash((ScheduleAt, self.value))

    def __repr__(self) -> str:
        kind = "at" if isinstance(self.value, Timestamp) else "every"
        return f"ScheduleAt.{kind}({self.value!r})"


@functools.total_ordering
class Uuid:
    """A UUID; wraps `uuid.UUID`, orders by its 128-bit number."""

    __slots__ = ("value",)

    def __init__(self, value: std_uuid.UUID) -> None:
        self.value = value

    @classmethod
    def from_int(cls, number: int) -> "Uuid":
        """Make one from the 128-bit number whose big-endian form is the UUID's text."""
        return cls(std_uuid.UUID(int=number))

    @classmethod
    def parse(cls, text: str) -> "Uuid":
        """Read the usual text form; ValueError when it is none."""
        return cls(std_uuid.UUID(text))

    def to_int(self) -> int:
        """The 128-bit number whose big-endian form is the UUID's text."""
        return self.value.int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Uuid) and other.value == self.value

    def __lt__(self, other: "Uuid") -> bool:
        return self.value < other.value if isinstance(other, Uuid) else NotImplemented

    def __hash__(self) -> int:
        return hash((Uuid, self.value))

    def __repr__(self) -> str:
        return f"Uuid.parse({str(self.value)!r})"

    def __str__(self) -> str:
        return str(self.value)


class _Box(Generic[T_co]):
    """A value with a name around it."""

    __slots__ = ("value",)
    __match_args__ = ("value",)

    def __init__(self, value: T_co) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self), self.value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class Some(_Box[T_co]):
    """The present case of an option whose inner type is itself an option."""

    __slots__ = ()


class Ok(_Box[T_co]):
    """The good case of a Result."""

    __slots__ = ()


class Err(_Box[T_co]):
    """The bad case of a Result."""

    __slots__ = ()

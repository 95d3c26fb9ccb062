"""Numbers and special values as text, and back, exactly.

F32, F64      inf, -inf, nan; a NaN with another payload than the usual one: nan:0x7ff8000000000001 (its bits)
Timestamp     2026-01-31T12:00:00.000001Z; outside the years 1 to 9999 the number of microseconds since 1970
TimeDuration  1.5s, -0.000001s
ScheduleAt    a Timestamp's text for a moment, a TimeDuration's for an interval
bytes         c0ffee; Identity, ConnectionId: hex digits, most significant first; Uuid: its usual form
"""

import datetime
import math
import re
import struct

from stdbctl.sats import ScheduleAt, TimeDuration, Timestamp

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"([+-]?)(\d{1,20})(?:\.(\d{1,6}))?s", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|\d+)", re.ASCII)
_NAN = re.compile(r"nan:0x([0-9a-f]{8}|[0-9a-f]{16})", re.IGNORECASE)
_FORMS = {4: ("<f", "<I"), 8: ("<d", "<Q")}
_USUAL_NAN = {4: 0x7FC00000, 8: 0x7FF8000000000000}
_MICROS = 1 << 63
DIGITS_MAX = 80
"""Of one integer: 256 bits need 78."""


def float_word(number: float, width: int) -> str:
    """The text of a number that JSON has not. `width`: bytes."""
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    form, bits_form = _FORMS[width]
    bits = struct.unpack(bits_form, struct.pack(form, number))[0]
    return "nan" if bits == _USUAL_NAN[width] else f"nan:0x{bits:0{width * 2}x}"


def read_float(text: str, width: int) -> float | None:
    """A number of `width` bytes from its text; None when it is none, or larger than the type holds."""
    if _NUMBER.fullmatch(text):
        return as_float(float(text), width)
    word = text.lower()
    if word in ("inf", "+inf", "-inf"):
        return float(word)
    if word == "nan":
        return _float_of_bits(_USUAL_NAN[width], width)
    match = _NAN.fullmatch(text)
    if match is None or len(match[1]) != width * 2:
        return None
    number = _float_of_bits(int(match[1], 16), width)
    return number if math.isnan(number) else None


def as_float(number: float, width: int) -> float | None:
    """A finite number rounded to `width` bytes; None when it is too large for them."""
    if width == 4:
        try:
            number = struct.unpack("<f", struct.pack("<f", number))[0]
        except OverflowError:
            return None
    return None if math.isinf(number) else number


def _float_of_bits(bits: int, width: int) -> float:
    form, bits_form = _FORMS[width]
    number: float = struct.unpack(form, struct.pack(bits_form, bits))[0]
    return number


def read_integer(text: str) -> int | None:
    """A whole number in decimal or hex digits; None when it is none."""
    if len(text) > DIGITS_MAX or not _INTEGER.fullmatch(text):
        return None
    return int(text, 16) if "x" in text or "X" in text else int(text)


def timestamp_text(moment: Timestamp) -> str | int:
    """The text of a moment; the number of microseconds where the calendar ends."""
    try:
        at = moment.to_datetime()
    except OverflowError:
        return moment.micros
    digits = f".{at.microsecond:06d}" if at.microsecond else ""
    return f"{at.year:04d}-{at.month:02d}-{at.day:02d}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}{digits}Z"


def read_timestamp(text: str) -> Timestamp | None:
    """A moment from its text; None when it is none."""
    if not _MOMENT.fullmatch(text):
        return read_micros(text)
    try:
        return Timestamp.from_datetime(datetime.datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        return None


def read_micros(text: str) -> Timestamp | None:
    """A moment from the number of microseconds since 1970."""
    number = read_integer(text)
    return Timestamp(number) if number is not None and -_MICROS <= number < _MICROS else None


def duration_text(duration: TimeDuration) -> str:
    """The text of a span: seconds with as many digits as it takes."""
    sign, whole = ("-" if duration.micros < 0 else ""), abs(duration.micros)
    seconds, micros = divmod(whole, 1_000_000)
    return f"{sign}{seconds}.{micros:06d}".rstrip("0").rstrip(".") + "s" if micros else f"{sign}{seconds}s"


def read_duration(text: str) -> TimeDuration | None:
    """A span from its text; None when it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        moment = read_micros(text)
        return None if moment is None else TimeDuration(moment.micros)
    micros = int(match[2]) * 1_000_000 + int((match[3] or "").ljust(6, "0"))
    micros = -micros if match[1] == "-" else micros
    return TimeDuration(micros) if -_MICROS <= micros < _MICROS else None


def schedule_text(when: ScheduleAt) -> str | dict[str, int]:
    """The text of a schedule; as SATS-JSON where the calendar ends."""
    if isinstance(when.value, TimeDuration):
        return duration_text(when.value)
    text = timestamp_text(when.value)
    return text if isinstance(text, str) else {"Time": text}


def read_schedule(text: str) -> ScheduleAt | None:
    """A schedule from its text; None when it is none."""
    value = read_duration(text) if _DURATION.fullmatch(text) else read_timestamp(text) if "-" in text[1:] else None
    return None if value is None else ScheduleAt(value)

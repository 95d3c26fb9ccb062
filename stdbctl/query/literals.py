"""Read the text of a literal at the type of the column that it is compared with.

| type | what is read |
|---|---|
| Bool | TRUE, FALSE (by the parser) |
| I8..I256, U8..U256 | sign, digits, fraction, exponent; the number must come out whole and in range |
| F32, F64 | the same forms; beyond the range is infinite |
| String | any literal, as its text |
| Array(U8) | hex digits, two to a byte |
| Identity, ConnectionId | 64 and 32 hex digits, `0x` allowed in front |
| Timestamp | RFC 3339 with `T` or a space, and an offset |
| Uuid | the usual text form, or 32 hex digits |
"""

import datetime
import decimal
import math
import re
import struct
from collections.abc import Callable
from typing import Any

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ConnectionId,
    Identity,
    Primitive,
    Timestamp,
    Uuid,
)

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
_DIGITS_MAX = 78
"""As many as the largest 256-bit number has: a bigger exponent is refused before any number of that size is made."""
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))", re.ASCII
)
_EXACT = decimal.Context(prec=50_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_EPOCH = datetime.datetime(1970, 1, 1)
FLOATS = (Primitive.F32, Primitive.F64)


def is_comparable(type_: AlgebraicType) -> bool:
    """Whether values of the type can be compared in a query (all operators, or none)."""
    return isinstance(type_, Primitive) or type_ in _SPECIAL


def read_literal(text: str, type_: AlgebraicType) -> Any:  # an engine value of the type
    """The engine value that `text` spells at `type_`; ValueError when it spells none."""
    if isinstance(type_, Primitive):
        return _read_primitive(text, type_)
    if type_ in _SPECIAL:
        return _SPECIAL[type_](text)
    raise ValueError("values of this type have no literal")


def _read_primitive(text: str, type_: Primitive) -> object:
    if type_ is Primitive.STRING:
        return text
    if type_ is Primitive.BOOL:
        raise ValueError("a Bool is TRUE or FALSE")
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return _read_float(text, type_) if type_ in FLOATS else _read_integer(text, type_)


def _read_integer(text: str, type_: Primitive) -> int:
    number = _EXACT.create_decimal(text)
    if number.adjusted() >= _DIGITS_MAX and number:
        raise ValueError("out of range")
    if number != (whole := int(number)):
        raise ValueError("not a whole number")
    bits = int(type_.name[1:])
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if type_.name[0] == "I" else (0, (1 << bits) - 1)
    if not low <= whole <= high:
        raise ValueError("out of range")
    return whole


def _read_float(text: str, type_: Primitive) -> float:
    number = float(text)
    if type_ is Primitive.F64:
        return number
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return math.copysign(math.inf, number)


def _read_bytes(text: str) -> bytes:
    digits = text[2:] if text.startswith("0x") else text
    if not digits.isalnum() and digits:
        raise ValueError("not hex digits")
    return bytes.fromhex(digits)


def _read_moment(text: str) -> Timestamp:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("not RFC 3339")
    *parts, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, parts)
    if second == 60:  # a leap second counts as the first of the next minute
        moment = datetime.datetime(year, month, day, hour, minute, 59) + datetime.timedelta(seconds=1)
    else:
        moment = datetime.datetime(year, month, day, hour, minute, second)
    since = moment - _EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + int(((fraction or "") + "000000")[:6])
    return Timestamp.from_micros(micros - _offset_micros(sign, hours, minutes))


def _offset_micros(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("no such offset")
    return (1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes)) * 60_000_000


_SPECIAL: dict[AlgebraicType, Callable[[str], object]] = {
    BYTES: _read_bytes,
    IDENTITY: Identity.from_hex,
    CONNECTION_ID: ConnectionId.from_hex,
    TIMESTAMP: _read_moment,
    UUID: Uuid.parse,
}

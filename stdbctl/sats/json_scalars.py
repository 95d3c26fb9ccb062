"""The values without parts in SATS-JSON input, with the words of serde's errors."""

import json
import math
import re
import struct
from typing import Any  # Any: JSON data is what it is

from stdbctl.sats.errors import JsonError, Path
from stdbctl.sats.reference_encoder import int_range
from stdbctl.sats.types import Primitive

_HEX_NUMBER = re.compile(r"-?0x[0-9a-fA-F]{1,64}")
_HEX_BYTES = re.compile(r"(?:[0-9a-fA-F]{2})*")


def unexpected(data: Any) -> str:
    """What came, in serde's words."""
    match data:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(data).lower()}`"
        case int():
            return f"integer `{data}`"
        case float():
            return f"floating point `{data!r}`"
        case str():
            return f"string {json.dumps(data, ensure_ascii=False)}"
        case list():
            return "sequence"
    return "map"


def json_number(type_: Primitive, data: Any, path: Path) -> Any:
    """A Bool, integer or float of `type_`."""
    if type_ is Primitive.BOOL:
        return _typed(data, bool, "a boolean", path)
    if type_ is Primitive.F32 or type_ is Primitive.F64:
        return _float(type_, data, path)
    if type_ is Primitive.I256 or type_ is Primitive.U256:
        return _wide_int(type_, data, path)
    number = _typed(data, int, type_.name.lower(), path)
    lowest, highest = int_range(type_)
    if not lowest <= number <= highest:
        raise JsonError(f"invalid value: integer `{number}`, expected {type_.name.lower()}", path)
    return number


def json_string(data: Any, path: Path) -> str:
    """A String; JSON escapes can spell lone surrogates, which are no text."""
    text: str = _typed(data, str, "a string", path)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonError("lone leading surrogate in hex escape", path) from None
    return text


def json_bytes(data: Any, path: Path) -> bytes:
    """An Array<U8>: hex digits without 0x, or a list of numbers."""
    if isinstance(data, list):
        return bytes([json_number(Primitive.U8, item, (*path, i)) for i, item in enumerate(data)])
    text = _typed(data, str, "a byte array or hex string", path)
    if not _HEX_BYTES.fullmatch(text):
        raise JsonError(f"invalid value: {unexpected(text)}, expected a byte array or hex string", path)
    return bytes.fromhex(text)


def _typed(data: Any, class_: type, expected: str, path: Path) -> Any:
    if type(data) is not class_:
        raise JsonError(f"invalid type: {unexpected(data)}, expected {expected}", path)
    return data


def _float(type_: Primitive, data: Any, path: Path) -> float:
    if type(data) is not float and type(data) is not int:
        raise JsonError(f"invalid type: {unexpected(data)}, expected {type_.name.lower()}", path)
    try:
        number = float(data)
    except OverflowError:
        raise JsonError("number out of range", path) from None
    return number if type_ is Primitive.F64 else _rounded_f32(number)


def _rounded_f32(number: float) -> float:
    """Numbers beyond 32 bits become infinite, as in SpacetimeDB."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)
    return rounded


def _wide_int(type_: Primitive, data: Any, path: Path) -> int:
    expected = f"a string with the {type_.name.lower()} in hex after `0x`"
    text = _typed(data, str, expected, path)
    number = int(text, 16) if _HEX_NUMBER.fullmatch(text) else None
    lowest, highest = int_range(type_)
    if number is None or not lowest <= number <= highest:
        raise JsonError(f"invalid value: {unexpected(text)}, expected {expected}", path)
    return number

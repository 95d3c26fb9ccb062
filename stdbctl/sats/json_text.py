"""JSON text in and out without losing anything: integers of any size, floats with `.0`, duplicate keys noticed."""

import collections
import json
from typing import Any, NoReturn  # Any: JSON data is what it is

from stdbctl.sats.errors import JsonError

DIGITS_MAX = 4_000
"""Digits of one number; Python's own limit on int("…") is 4,300."""


class JsonObject(dict[str, Any]):
    """An object in which keys came more than once; `duplicates` names them, the last value counts."""

    duplicates: frozenset[str] = frozenset()


def dumps(data: object) -> str:
    """Compact JSON text. Floats have the shortest text that reads back the same, with `.0` when integral."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def loads(text: str | bytes) -> Any:
    """Read JSON text; integers of any size, objects with duplicate keys as JsonObject.

    Raises:
        JsonError: not JSON (NaN and Infinity are not), not UTF-8, or nested too deep; says where.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode()
        return _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise JsonError(f"invalid unicode code point at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg.lower()} at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise JsonError("recursion limit exceeded") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked = JsonObject(plain)
    counts = collections.Counter(key for key, _ in pairs)
    marked.duplicates = frozenset(key for key, count in counts.items() if count > 1)
    return marked


def _int(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise JsonError("number out of range")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise JsonError("number out of range")
    return number


def _constant(name: str) -> NoReturn:
    raise JsonError(f"expected value, got {name}")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant)

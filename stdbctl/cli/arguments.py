"""The words after `stdbctl call NAME`, turned into the JSON arguments that the reducer's parameters ask for.

Words are positional, or all of the form `name=value`. Each is read by its parameter's type:

    str                 the word as it is; a JSON string in quotes is decoded
    bool, numbers       JSON; integers also in hex (0xff), 256-bit ones in either form
    bytes               hex digits, with or without 0x
    Identity            64 hex digits; ConnectionId: 32; both with or without 0x
    Timestamp           RFC 3339 with an offset, or microseconds since 1970
    TimeDuration        seconds with `s` (1.5s), or microseconds
    Uuid                the usual text form
    T | None            null, none, or a word for T
    enum                the name of a variant without payload
    everything else     SATS-JSON (docs/cli.md, "Arguments")
"""

import datetime
import json
import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from stdbctl.errors import Fault
from stdbctl.nearest import did_you_mean, nearest
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    Primitive,
    SumType,
    TimeDuration,
    Timestamp,
    Typespace,
    Uuid,
    option_inner,
)
from stdbctl.schema import ModuleDef, ParamDef, TypeNames

Json = Any
"""Something that `json.dumps` takes."""

_NAMED = re.compile(r"([^\W\d]\w*)=(.*)", re.DOTALL)
_INTEGER = re.compile(r"[+-]?(0x[0-9a-fA-F]+|[0-9]+)")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class WrongArguments(Fault):
    """The words do not fit the parameters; the message shows the signature."""

    code = "cli.wrong_arguments"

    def __init__(self, what: str, *, signature: str, fix: str = "") -> None:
        super().__init__(what, why=f"the signature is `{signature}`", fix=fix)


def parse_arguments(module: ModuleDef, name: str, params: Sequence[ParamDef], words: Sequence[str]) -> list[Json]:
    """The positional JSON arguments for the function `name`; faults: WrongArguments."""
    signature = TypeNames(module).signature(name, params)
    ordered = _in_order(params, words, signature)
    arguments = []
    for param, word in zip(params, ordered, strict=True):
        try:
            arguments.append(parse_word(param.type, word, module.typespace))
        except ValueError as error:
            expected = TypeNames(module).text(param.type)
            what = f"`{param.name}` expects {expected}, got `{word}`"
            raise WrongArguments(what, signature=signature, fix=str(error)) from error
    return arguments


def parse_word(type_: AlgebraicType, word: str, typespace: Typespace) -> Json:
    """One word as JSON for a parameter of this type; ValueError says what would do."""
    resolved = typespace.resolve(type_)
    reader = _READERS.get(resolved)
    if reader is not None:
        return reader(word)
    inner = option_inner(resolved)
    if inner is not None:
        return _option(inner, word, typespace)
    if isinstance(resolved, Primitive):
        return _float(word) if resolved in (Primitive.F32, Primitive.F64) else _in_range(resolved, _integer(word))
    if isinstance(resolved, SumType) and not word.startswith(("{", "[")):
        return _variant(resolved, word)
    if isinstance(resolved, ArrayType) and not word.startswith("["):
        raise ValueError("write a JSON list such as `[1, 2]`")
    return _json(word)


def _in_order(params: Sequence[ParamDef], words: Sequence[str], signature: str) -> Sequence[str]:
    names = {name: param for param in params for name in (param.accessor, param.name)}
    pairs = [match.groups() if (match := _NAMED.fullmatch(word)) else None for word in words]
    named = [pair is not None and pair[0] in names for pair in pairs]
    if not any(named):
        return _positional(params, words, pairs, signature)
    given: dict[str, str] = {}
    for word, pair in zip(words, pairs, strict=True):
        if pair is None:
            fix = "write all arguments as name=value, or none"
            raise WrongArguments(f"`{word}` has no name beside named arguments", signature=signature, fix=fix)
        if pair[0] not in names:
            raise WrongArguments(f"no parameter `{pair[0]}`", signature=signature, fix=did_you_mean(pair[0], names))
        key = names[pair[0]].name
        if key in given:
            raise WrongArguments(f"`{key}` is given twice", signature=signature, fix="give it once")
        given[key] = pair[1]
    missing = [param.name for param in params if param.name not in given]
    if missing:
        what = f"{', '.join(f'`{name}`' for name in missing)} not given"
        raise WrongArguments(what, signature=signature, fix=f"add `{missing[0]}=…`")
    return [given[param.name] for param in params]


def _positional(
    params: Sequence[ParamDef], words: Sequence[str], pairs: Sequence[tuple[str, ...] | None], signature: str
) -> Sequence[str]:
    if len(words) == len(params):
        return words
    typed_wrong = next((pair[0] for pair in pairs if pair and nearest(pair[0], [param.name for param in params])), None)
    if typed_wrong:
        fix = did_you_mean(typed_wrong, [param.name for param in params])
    elif len(words) < len(params):
        fix = f"add {', '.join(f'`{param.name}`' for param in params[len(words) :])}"
    else:
        fix = "quote words with spaces"
    what = f"{len(params)} argument{'' if len(params) == 1 else 's'} expected, {len(words)} given"
    raise WrongArguments(what, signature=signature, fix=fix)


# --- one reader per kind of type; each raises ValueError with a sentence to act on


def _json(word: str) -> Json:
    try:
        return json.loads(word)
    except ValueError:
        raise ValueError("write JSON, in quotes for the shell") from None


def _string(word: str) -> str:
    if len(word) >= 2 and word[0] == word[-1] == '"':
        try:
            return str(json.loads(word))
        except ValueError:
            return word
    return word


def _bool(word: str) -> bool:
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    raise ValueError("write `true` or `false`")


def _integer(word: str) -> int:
    if not _INTEGER.fullmatch(word):
        raise ValueError("write a whole number")
    return int(word, 0) if "x" in word else int(word)


def _in_range(type_: Primitive, number: int) -> int:
    bits = int(type_.name[1:])
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if type_.name[0] == "I" else (0, (1 << bits) - 1)
    if not low <= number <= high:
        raise ValueError(f"write a number from {low} to {high}")
    return number


def _wide_integer(type_: Primitive, word: str) -> str:
    number = _in_range(type_, _integer(word))
    return f"-0x{-number:x}" if number < 0 else f"0x{number:x}"


def _float(word: str) -> float:
    if not _NUMBER.fullmatch(word):
        raise ValueError("write a finite number; JSON cannot carry infinities and NaN")
    number = float(word)
    if math.isinf(number):
        raise ValueError("write a number of less than 1.8e308")
    return number


def _hex_bytes(word: str) -> Json:
    if word.startswith("["):
        return _json(word)
    digits = word.removeprefix("0x")
    try:
        return bytes.fromhex(digits).hex()
    except ValueError:
        raise ValueError("write hex digits such as `c0ffee`, or a list of numbers") from None


def _identity(word: str) -> Json:
    return _json(word) if word.startswith("{") else {"__identity__": f"0x{Identity.from_hex(word).to_int():x}"}


def _connection_id(word: str) -> Json:
    return _json(word) if word.startswith("{") else {"__connection_id__": ConnectionId.from_hex(word).to_int()}


def _timestamp(word: str) -> Json:
    if word.startswith("{"):
        return _json(word)
    if _INTEGER.fullmatch(word):
        return {"__timestamp_micros_since_unix_epoch__": int(word)}
    try:
        moment = Timestamp.from_datetime(datetime.datetime.fromisoformat(word))
    except ValueError:
        raise ValueError("write `2026-01-31T12:00:00Z`, or microseconds since 1970") from None
    return {"__timestamp_micros_since_unix_epoch__": moment.micros}


def _duration(word: str) -> Json:
    if word.startswith("{"):
        return _json(word)
    if _INTEGER.fullmatch(word):
        return {"__time_duration_micros__": int(word)}
    if not word.endswith("s"):
        raise ValueError("write seconds such as `1.5s`, or microseconds")
    return {"__time_duration_micros__": TimeDuration.seconds(_float(word[:-1])).micros}


def _uuid(word: str) -> Json:
    if word.startswith("{"):
        return _json(word)
    try:
        return {"__uuid__": Uuid.parse(word).to_int()}
    except ValueError:
        raise ValueError("write a UUID such as `01888d6e-5c00-7000-8000-000000000000`") from None


def _schedule_at(word: str) -> Json:
    if word.startswith(("{", "[")):
        return _json(word)
    try:
        return {"Interval": _duration(word)} if word.endswith("s") else {"Time": _timestamp(word)}
    except ValueError:
        raise ValueError("write a moment such as `2026-01-31T12:00:00Z`, or an interval such as `1.5s`") from None


def _option(inner: AlgebraicType, word: str, typespace: Typespace) -> Json:
    if word in ("null", "none", "None"):
        return None
    if word.startswith("{"):
        data = _json(word)
        if isinstance(data, dict) and data.keys() <= {"some", "none"}:
            return data
    return {"some": parse_word(inner, word, typespace)}


def _variant(type_: SumType, word: str) -> Json:
    name = _string(word)
    units = {variant.name: variant for variant in type_.variants if variant.name and variant.type == UNIT}
    if name in units:
        return {name: []}
    known = [variant.name or "" for variant in type_.variants]
    if name in known:
        raise ValueError(f'`{name}` carries a value: write JSON, {{"{name}": …}}')
    raise ValueError(did_you_mean(name, known))


_READERS: dict[AlgebraicType, Callable[[str], Json]] = {
    Primitive.STRING: _string,
    Primitive.BOOL: _bool,
    Primitive.U256: partial(_wide_integer, Primitive.U256),
    Primitive.I256: partial(_wide_integer, Primitive.I256),
    BYTES: _hex_bytes,
    IDENTITY: _identity,
    CONNECTION_ID: _connection_id,
    TIMESTAMP: _timestamp,
    TIME_DURATION: _duration,
    UUID: _uuid,
    SCHEDULE_AT: _schedule_at,
}

"""Raw definitions as bytes and as JSON: what modules describe themselves with and what GET schema answers.

BSATN is always the sum RawModuleDef: tag 1 and a V9 definition, or tag 2 and a V10 one; tag 0, V8, is refused.
JSON is the sum too (`{"V10": {"sections": […]}}`), or the bare V9 or V10 object. Source: docs/formats.md.
"""

from typing import Any  # Any: JSON data

from stdbctl.errors import Fault
from stdbctl.sats import DecodeError, JsonError, JsonStyle, compile_codec, from_json, to_json
from stdbctl.schema.definition import ModuleDef
from stdbctl.schema.raw import RawModuleDef
from stdbctl.schema.raw_emit import raw_v9_of, raw_v10_of
from stdbctl.schema.raw_types import MODULE, MODULE_V9, MODULE_V10, RAW_TYPESPACE
from stdbctl.schema.raw_v9 import raw_of_v9, v9_value
from stdbctl.schema.raw_v10 import raw_of_v10, v10_value

_V8, _V9, _V10 = range(3)


class UnreadableDefinition(Fault):
    """Bytes or JSON that hold no raw definition, or one of a version that is not read."""

    code = "schema.unreadable_definition"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"this is no module definition: {reason}",
            fix="expected is the raw definition of version 9 or 10 that a module or a server describes itself with",
        )


class OldDefinition(UnreadableDefinition):
    """A definition of version 8."""

    def __init__(self) -> None:
        super().__init__("it is of version 8; rebuild the module with a current SpacetimeDB library")


def encode_raw_v10(raw: RawModuleDef) -> bytes:
    """The BSATN of RawModuleDef, version 10."""
    return compile_codec(MODULE, RAW_TYPESPACE).encode((_V10, v10_value(raw)))


def encode_raw_v9(raw: RawModuleDef) -> bytes:
    """The BSATN of RawModuleDef, version 9; `raw` comes from `raw_v9_of`."""
    return compile_codec(MODULE, RAW_TYPESPACE).encode((_V9, v9_value(raw)))


def decode_raw(data: bytes) -> RawModuleDef:
    """Read the BSATN of RawModuleDef, version 9 or 10.

    Raises:
        UnreadableDefinition: the bytes hold something else, or version 8.
    """
    if data[:1] == bytes([_V8]):
        raise OldDefinition
    try:
        return _raw_of(compile_codec(MODULE, RAW_TYPESPACE).decode_all(data))
    except DecodeError as error:
        raise UnreadableDefinition(str(error)) from error


def _raw_of(value: Any) -> RawModuleDef:
    tag, payload = value
    if tag == _V8:
        raise OldDefinition
    return raw_of_v9(payload) if tag == _V9 else raw_of_v10(payload)


def raw_to_json(raw: RawModuleDef) -> Any:
    """The JSON data of a raw definition: `{"V10": {"sections": […]}}`."""
    return to_json(MODULE, RAW_TYPESPACE, (_V10, v10_value(raw)), JsonStyle.DECLARED)


def raw_from_json(data: Any) -> RawModuleDef:
    """Read the JSON data of a raw definition: the sum, or the bare V9 or V10 object.

    Raises:
        UnreadableDefinition: the data is something else, or version 8.
    """
    if isinstance(data, dict) and "V8BackCompat" in data:
        raise OldDefinition
    try:
        if isinstance(data, dict) and "sections" in data:
            return raw_of_v10(from_json(MODULE_V10, RAW_TYPESPACE, data))
        if isinstance(data, dict) and "typespace" in data:
            return raw_of_v9(from_json(MODULE_V9, RAW_TYPESPACE, data))
        return _raw_of(from_json(MODULE, RAW_TYPESPACE, data))
    except JsonError as error:
        raise UnreadableDefinition(f"{error} at {error.path}") from error
    except DecodeError as error:
        raise UnreadableDefinition(str(error)) from error


def raw_v10_json(module: ModuleDef) -> Any:
    """The answer to GET schema?version=10: the bare V10 object."""
    return to_json(MODULE_V10, RAW_TYPESPACE, v10_value(raw_v10_of(module)), JsonStyle.DECLARED)


def raw_v9_json(module: ModuleDef) -> Any:
    """The answer to GET schema?version=9: the bare V9 object."""
    return to_json(MODULE_V9, RAW_TYPESPACE, v9_value(raw_v9_of(module)), JsonStyle.DECLARED)

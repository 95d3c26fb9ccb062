"""SATS-JSON in: always directed by the type, lenient in form.

Products come as an object (any order, each field once) or as a list in order; unit as [] or {}. Sums come as
{"variant": payload}, {"tag": payload} or [tag or name, payload]; a none also as null. Integers are JSON numbers,
256-bit ones strings with 0x; bytes a hex string or a list of integers. Error texts are SpacetimeDB's (docs/formats.md).
"""

import re
from typing import Any  # Any: JSON data and engine values

from stdbctl.sats.errors import JsonError, Path
from stdbctl.sats.graph import MAX_DEPTH, Kind, TypeGraph, kind_of
from stdbctl.sats.json_scalars import json_bytes, json_number, json_string, unexpected
from stdbctl.sats.json_text import JsonObject
from stdbctl.sats.text import type_text
from stdbctl.sats.types import (
    SCHEDULE_AT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    SumType,
    Typespace,
    option_inner,
    special_name,
)
from stdbctl.sats.values import ConnectionId, Identity, ScheduleAt, Some, TimeDuration, Timestamp, Uuid

_DECIMAL = re.compile(r"\+?[0-9]{1,40}", re.ASCII)
_SPECIAL_MAKERS: dict[str | None, Any] = {  # Any: each takes the one inner number
    "Identity": Identity.from_int,
    "ConnectionId": ConnectionId.from_int,
    "Timestamp": Timestamp,
    "TimeDuration": TimeDuration,
    "Uuid": Uuid.from_int,
}


def from_json(type_: AlgebraicType, typespace: Typespace, data: Any, *, arguments_of: str | None = None) -> Any:
    """The engine value that JSON data (as `loads` gives it) stands for.

    `arguments_of`: the name of the reducer whose parameters `type_` is: errors then speak of its arguments.

    Raises:
        JsonError: the data does not fit; `path` says where.
    """
    reader = _Reader(TypeGraph(typespace))
    resolved = reader.graph.resolve(type_)
    if arguments_of is not None:
        assert isinstance(resolved, ProductType)
        words = _Words("reducer argument", f"reducer args for {arguments_of}")
        return reader.product(resolved, data, (), words)
    return reader.value(resolved, data, ())


class _Words:
    """What the parts of a product are called in errors."""

    def __init__(self, field: str, whole: str) -> None:
        self.field, self.whole = field, whole


_FIELDS = _Words("field", "product type <product>")


class _Reader:
    def __init__(self, graph: TypeGraph) -> None:
        self.graph = graph

    def value(self, type_: AlgebraicType, data: Any, path: Path) -> Any:
        if len(path) > MAX_DEPTH:
            raise JsonError("recursion limit exceeded", path)
        type_ = self.graph.resolve(type_)
        match kind_of(type_):
            case Kind.SCALAR:
                assert isinstance(type_, Primitive)
                return json_number(type_, data, path)
            case Kind.STRING:
                return json_string(data, path)
            case Kind.BYTES:
                return json_bytes(data, path)
            case Kind.ARRAY:
                assert isinstance(type_, ArrayType)
                return self._array(type_.element, data, path)
            case Kind.SPECIAL if type_ == SCHEDULE_AT:
                return ScheduleAt(self._sum(SCHEDULE_AT, data, path)[1])
            case Kind.SPECIAL:
                return self._special(type_, data, path)
            case Kind.PRODUCT:
                assert isinstance(type_, ProductType)
                return self.product(type_, data, path, _FIELDS)
        assert isinstance(type_, SumType)
        return self._option(type_, data, path)

    def _special(self, type_: AlgebraicType, data: Any, path: Path) -> Any:
        assert isinstance(type_, ProductType)
        (number,) = self.product(type_, data, path, _FIELDS)
        return _SPECIAL_MAKERS[special_name(type_)](number)

    def _array(self, element: AlgebraicType, data: Any, path: Path) -> Any:
        if not isinstance(data, list):
            raise JsonError(f"invalid type: {unexpected(data)}, expected a vec", path)
        return tuple([self.value(element, item, (*path, i)) for i, item in enumerate(data)])

    def product(self, type_: ProductType, data: Any, path: Path, words: _Words) -> tuple[Any, ...]:
        if isinstance(data, list):
            return self._listed(type_, data, path, words)
        if isinstance(data, dict):
            return self._named(type_, data, path, words)
        expected = f"a {len(type_.elements)}-element tuple"
        raise JsonError(f"invalid type: {unexpected(data)}, expected {expected}", path)

    def _listed(self, type_: ProductType, data: list[Any], path: Path, words: _Words) -> tuple[Any, ...]:
        count = len(type_.elements)
        pairs = zip(type_.elements, data, strict=False)
        fields = tuple([self.value(element.type, item, (*path, i)) for i, (element, item) in enumerate(pairs)])
        if len(fields) < count:
            raise JsonError(f"invalid length {len(fields)}, expected {words.whole} with {count} elements", path)
        if len(data) > count:
            raise JsonError("trailing characters", path)
        return fields

    def _named(self, type_: ProductType, data: dict[str, Any], path: Path, words: _Words) -> tuple[Any, ...]:
        names = [str(i) if e.name is None else e.name for i, e in enumerate(type_.elements)]
        found = {}
        for key, item in data.items():
            if key not in names:
                raise JsonError(f"unknown {words.field} `{key}`, {_expected_names(names, words.field)}", path)
            if isinstance(data, JsonObject) and key in data.duplicates:
                raise JsonError(f"duplicate {words.field} `{key}`", path)
            found[key] = self.value(type_.elements[names.index(key)].type, item, (*path, key))
        for name in names:
            if name not in found:
                raise JsonError(f"missing {words.field} `{name}`", path)
        return tuple([found[name] for name in names])

    def _option(self, type_: SumType, data: Any, path: Path) -> Any:
        inner = option_inner(type_)
        if inner is None:
            return self._sum(type_, data, path)
        if data is None:
            return None
        tag, payload = self._sum(type_, data, path)
        if tag == 1:
            return None
        return Some(payload) if self.graph.is_nested_option(inner) else payload

    def _sum(self, type_: SumType, data: Any, path: Path) -> tuple[int, Any]:
        key, payload = _sum_parts(data, path)
        tag = _variant_tag(type_, key, path)
        variant = type_.variants[tag]
        step = tag if variant.name is None else variant.name
        return tag, self.value(variant.type, payload, (*path, step))


def _sum_parts(data: Any, path: Path) -> tuple[Any, Any]:
    """Key (name or tag) and payload."""
    if isinstance(data, dict):
        if not data:
            raise JsonError("expected map representing sum type to have exactly one field", path)
        if len(data) > 1 or isinstance(data, JsonObject):
            raise JsonError("trailing comma", path)
        return next(iter(data.items()))
    if isinstance(data, list):
        if len(data) < 2:
            raise JsonError("expected seq representing sum type to have exactly two fields", path)
        if len(data) > 2:
            raise JsonError("trailing characters", path)
        return data[0], data[1]
    raise JsonError(f"invalid type: {unexpected(data)}, expected sum type", path)


def _variant_tag(type_: SumType, key: Any, path: Path) -> int:
    if isinstance(key, str) and not (_DECIMAL.fullmatch(key) and int(key) <= 255):
        for tag, variant in enumerate(type_.variants):
            if variant.name == key:
                return tag
        names = [v.name for v in type_.variants if v.name is not None]
        raise JsonError(f"unknown variant `{key}`, {_expected_names(names, 'variant')}", path)
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise JsonError(f"invalid type: {unexpected(key)}, expected variant identifier (string or int)", path)
    tag = int(key)
    if not 0 <= tag <= 255:
        raise JsonError(f"invalid value: integer `{tag}`, expected a u8 tag", path)
    if tag >= len(type_.variants):
        raise JsonError(f"unknown tag {tag:#x} for sum type {type_text(type_)}", path)
    return tag


def _expected_names(names: list[str], kind: str) -> str:
    quoted = [f"`{name}`" for name in names]
    if not quoted:
        return f"there are no {kind}s"
    if len(quoted) < 3:
        return f"expected {' or '.join(quoted)}"
    return f"expected one of {', '.join(quoted[:-1])}, or {quoted[-1]}"

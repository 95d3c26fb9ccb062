"""SATS types as source: the expressions by which `remote.py` says what travels."""

import keyword
import unicodedata
from collections.abc import Iterable

from stdbctl.codegen.python.layout import Items, Source, prefixed
from stdbctl.codegen.python.literals import py_string
from stdbctl.sats import (
    BYTES,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    ProductType,
    Ref,
    SumType,
    option_inner,
    result_inner,
    special_name,
)

_SPECIAL = {
    "Identity": "IDENTITY",
    "ConnectionId": "CONNECTION_ID",
    "Timestamp": "TIMESTAMP",
    "TimeDuration": "TIME_DURATION",
    "Uuid": "UUID",
    "ScheduleAt": "SCHEDULE_AT",
}


class WireTypes:
    """Writes types, and notes in `used` what of the client package they need. `shift`: added to every ref."""

    def __init__(self, shift: int, used: set[str]) -> None:
        self._shift, self._used = shift, used

    def source(self, type_: AlgebraicType) -> Source:
        """A type as it stands inside others."""
        if isinstance(type_, Ref):
            return self._call("Ref", [str(type_.index + self._shift)])
        if isinstance(type_, Primitive):
            return f"{self._name('Primitive')}.{type_.name}"
        if type_ in (BYTES, UNIT):
            return self._name("BYTES" if type_ == BYTES else "UNIT")
        if (name := special_name(type_)) is not None:
            return self._name(_SPECIAL[name])
        if isinstance(type_, ArrayType):
            return self._call("ArrayType", [self.source(type_.element)])
        if (inner := option_inner(type_)) is not None:
            return self._call("option", [self.source(inner)])
        if (sides := result_inner(type_)) is not None:
            return self._call("result", map(self.source, sides))
        assert isinstance(type_, ProductType | SumType), f"{type_} cannot be written"
        return self.definition(type_)

    def definition(self, type_: ProductType | SumType) -> Source:
        """A record or union, part by part."""
        if isinstance(type_, ProductType):
            return self._parts("product", [(e.name, e.type) for e in type_.elements])
        return self._parts("sum_type", [(v.name, v.type) for v in type_.variants])

    def _parts(self, function: str, parts: Iterable[tuple[str | None, AlgebraicType]]) -> Source:
        return self._call(function, [_argument(name or "", self.source(type_)) for name, type_ in parts])

    def _call(self, function: str, arguments: Iterable[Source]) -> Items:
        return Items(f"{self._name(function)}(", tuple(arguments))

    def _name(self, name: str) -> str:
        self._used.add(name)
        return name


def _argument(name: str, value: Source) -> Source:
    """`name=value`, or what means the same where `name` cannot be written so."""
    if keyword.iskeyword(name) or unicodedata.normalize("NFKC", name) != name:
        return _braced(prefixed(f"**{{{py_string(name)}: ", value))
    return prefixed(f"{name}=", value)


def _braced(source: Source) -> Source:
    if isinstance(source, str):
        return f"{source}}}"
    return Items(source.open, source.items, f"{source.close}}}", source.is_tuple)

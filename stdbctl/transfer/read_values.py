"""JSON data as values: what `write_values` writes, and SATS-JSON. docs/data.md, "How values are written"."""

from collections.abc import Callable
from typing import Any  # Any: JSON data, and engine values of types known only at run time

from stdbctl.nearest import did_you_mean
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    SCHEDULE_AT,
    TIME_DURATION,
    TIMESTAMP,
    UUID,
    AlgebraicType,
    ArrayType,
    ConnectionId,
    Identity,
    JsonError,
    JsonObject,
    Primitive,
    ProductType,
    Ref,
    Some,
    SumType,
    Typespace,
    Uuid,
    from_json,
    option_inner,
)
from stdbctl.transfer.misfit import Misfit
from stdbctl.transfer.special_text import (
    as_float,
    read_duration,
    read_float,
    read_integer,
    read_schedule,
    read_timestamp,
)
from stdbctl.transfer.write_values import is_option, is_unit

Read = Callable[[Any], Any]
"""JSON data -> engine value; raises Misfit."""

_WRAPS = ({"some"}, {"none"})


class ValueReaders:
    """The readers of one typespace, each made once."""

    def __init__(self, typespace: Typespace) -> None:
        self._typespace = typespace
        self._by_ref: dict[int, Read] = {}

    def of(self, type_: AlgebraicType) -> Read:
        """The reader of a type."""
        match type_:
            case Ref(index):
                return self._of_ref(index)
            case Primitive():
                return _primitive(type_)
        special = _special(type_)
        if special is not None:
            return special
        match type_:
            case ArrayType(element):
                return self._array(element)
            case ProductType():
                return self._product(type_)
            case SumType():
                inner = option_inner(type_)
                return self._sum(type_) if inner is None else self._option(inner)
        raise AssertionError(type_)

    def _of_ref(self, index: int) -> Read:
        known = self._by_ref.get(index)
        if known is not None:
            return known
        made: list[Read] = []
        self._by_ref[index] = lambda data: made[0](data)
        made.append(self.of(self._typespace.types[index]))
        self._by_ref[index] = made[0]
        return made[0]

    def _array(self, element: AlgebraicType) -> Read:
        read = self.of(element)

        def array(data: Any) -> Any:
            if type(data) is not list:
                raise Misfit("a list", data)
            return tuple([_at(index, read, item) for index, item in enumerate(data)])

        return array

    def _product(self, type_: ProductType) -> Read:
        names = [str(index) if element.name is None else element.name for index, element in enumerate(type_.elements)]
        readers = [self.of(element.type) for element in type_.elements]
        known, expected = frozenset(names), _object_text(names)

        def record(data: Any) -> Any:
            if isinstance(data, list) and len(data) == len(readers):
                return tuple(
                    [_at(index, read, item) for index, (read, item) in enumerate(zip(readers, data, strict=True))]
                )
            if not isinstance(data, dict):
                raise Misfit(expected, data)
            if data.keys() != known or isinstance(data, JsonObject):
                raise Misfit(f"{expected}, each once{_strange(data, known)}", data)
            return tuple([_at(name, read, data[name]) for name, read in zip(names, readers, strict=True)])

        return record

    def _option(self, inner: AlgebraicType) -> Read:
        read = self.of(inner)
        if is_option(inner, self._typespace):
            return lambda data: None if _is_none(data) else Some(read(_some(data)))
        if _looks_wrapped(self._typespace.resolve(inner)):
            return lambda data: None if data is None else read(data)

        def maybe(data: Any) -> Any:
            if _is_none(data):
                return None
            return read(data["some"] if isinstance(data, dict) and data.keys() == {"some"} else data)

        return maybe

    def _sum(self, type_: SumType) -> Read:
        cases = [
            (variant.name, None if is_unit(variant.type, self._typespace) else self.of(variant.type))
            for variant in type_.variants
        ]
        tags = {name: tag for tag, (name, _) in enumerate(cases) if name is not None}
        expected = _sum_text(cases)

        def choice(data: Any) -> Any:
            key, payload = _sum_parts(data, expected)
            tag = tags.get(key, -1) if isinstance(key, str) else key
            if not 0 <= tag < len(cases):
                raise Misfit(f"{expected}; {did_you_mean(str(key), tags)}", data)
            read = cases[tag][1]
            if read is None:
                if payload not in (None, [], {}):
                    raise Misfit(f"`{cases[tag][0]}` without a value", data)
                return tag, ()
            if payload is None and isinstance(data, str):
                raise Misfit(f'`{cases[tag][0]}` with its value: {{"{cases[tag][0]}": …}}', data)
            return tag, _at(cases[tag][0] or tag, read, payload)

        return choice


def _at(step: str | int, read: Read, data: Any) -> Any:
    try:
        return read(data)
    except Misfit as misfit:
        raise misfit.inside(step) from None


def _is_none(data: Any) -> bool:
    return data is None or (isinstance(data, dict) and data.keys() == {"none"})


def _some(data: Any) -> Any:
    if not isinstance(data, dict) or data.keys() != {"some"}:
        raise Misfit('null or {"some": …}', data)
    return data["some"]


def _looks_wrapped(inner: AlgebraicType) -> bool:
    """Whether the JSON of a value may be an object of one key, `some` or `none`."""
    if isinstance(inner, ProductType):
        return {element.name for element in inner.elements} in _WRAPS
    return isinstance(inner, SumType) and any(variant.name in ("some", "none") for variant in inner.variants)


def _sum_parts(data: Any, expected: str) -> tuple[Any, Any]:
    if isinstance(data, str):
        return data, None
    if isinstance(data, dict) and len(data) == 1 and not isinstance(data, JsonObject):
        return next(iter(data.items()))
    if isinstance(data, list) and len(data) == 2 and type(data[0]) in (int, str):
        return data[0], data[1]
    raise Misfit(expected, data)


def _sum_text(cases: list[tuple[str | None, Read | None]]) -> str:
    shown = [f'"{name}"' if read is None else f'{{"{name}": …}}' for name, read in cases]
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown) or "no value at all"


def _object_text(names: list[str]) -> str:
    return f"an object with {', '.join(f'`{name}`' for name in names)}" if names else "{}"


def _strange(data: dict[str, Any], known: frozenset[str]) -> str:
    strange = sorted(data.keys() - known)
    return f" (`{strange[0]}` is none of them; {did_you_mean(strange[0], known)})" if strange else ""


# --- values without parts


def _primitive(type_: Primitive) -> Read:
    if type_ is Primitive.STRING:
        return _string
    if type_ is Primitive.BOOL:
        return _bool
    if type_ in (Primitive.F32, Primitive.F64):
        return _float(4 if type_ is Primitive.F32 else 8)
    return _integer(type_)


def _string(data: Any) -> str:
    if type(data) is not str:
        raise Misfit("a string", data)
    if not data.isascii():
        try:
            data.encode()
        except UnicodeEncodeError:
            raise Misfit("a string without lone surrogates", data) from None
    return data


def _bool(data: Any) -> bool:
    if type(data) is not bool:
        raise Misfit("true or false", data)
    return data


def _float(width: int) -> Read:
    expected = f'a number of {width * 8} bits, "inf", "-inf" or "nan"'

    def read(data: Any) -> float:
        number: float | None = None
        if type(data) is str:
            number = read_float(data, width)
        elif type(data) is float or type(data) is int:
            try:
                number = as_float(float(data), width)
            except OverflowError:
                number = None
        if number is None:
            raise Misfit(expected, data)
        return number

    return read


def _integer(type_: Primitive) -> Read:
    bits, is_signed = int(type_.name[1:]), type_.name[0] == "I"
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    expected = f"a whole number from {low} to {high}" if bits <= 64 else f"a whole number of type {type_.name.lower()}"

    def read(data: Any) -> int:
        number = data
        if type(data) is str:
            number = read_integer(data)
        if type(number) is not int or not low <= number <= high:
            raise Misfit(expected, data)
        return number

    return read


def _special(type_: AlgebraicType) -> Read | None:
    """The reader of a type with a text of its own; it takes SATS-JSON as well."""
    found = _SPECIAL.get(type_)
    if found is None:
        return None
    of_text, expected = found

    def read(data: Any) -> Any:
        value: Any = None
        if type(data) is str:
            value = of_text(data)
        elif type(data) is int and type_ in (TIMESTAMP, TIME_DURATION):
            value = of_text(str(data))
        elif isinstance(data, dict | list):
            value = _sats_json(type_, data)
        if value is None:
            raise Misfit(expected, data)
        return value

    return read


def _sats_json(type_: AlgebraicType, data: Any) -> Any:
    if type_ == SCHEDULE_AT and isinstance(data, dict) and len(data) == 1:
        ((name, inner),) = data.items()
        if type(inner) is int:
            data = {name: [inner]}
    try:
        return from_json(type_, Typespace(), data)
    except JsonError:
        return None


def _bytes(text: str) -> bytes | None:
    digits = text.removeprefix("0x")
    if not digits.isalnum() and digits:
        return None
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return None


def _or_none(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def try_to(text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            return None

    return try_to


_SPECIAL: dict[AlgebraicType, tuple[Callable[[str], Any], str]] = {
    BYTES: (_bytes, "an even number of hex digits"),
    IDENTITY: (_or_none(Identity.from_hex), "64 hex digits"),
    CONNECTION_ID: (_or_none(ConnectionId.from_hex), "32 hex digits"),
    UUID: (_or_none(Uuid.parse), "a UUID such as 01888d6e-5c00-7000-8000-000000000000"),
    TIMESTAMP: (read_timestamp, "a moment such as 2026-01-31T12:00:00Z, or microseconds since 1970"),
    TIME_DURATION: (read_duration, "seconds such as 1.5s, or microseconds"),
    SCHEDULE_AT: (read_schedule, "a moment such as 2026-01-31T12:00:00Z, or an interval such as 1.5s"),
}

"""Values between their two forms: what authors hold and what the engine holds. Compiled per shape and per row class.

A converter of None means that both forms are one and the same, so plain columns cost nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stdbctl.sats.shapes import (
    Definition,
    EnumShape,
    ListShape,
    Named,
    OptionShape,
    RecordShape,
    ResultShape,
    Scalar,
    Shape,
    UnionShape,
    Unit,
)
from stdbctl.sats.types import option_inner
from stdbctl.sats.values import Err, Ok, Some

Convert = Callable[[Any], Any]
"""From one form of a value to the other; Any because its type is known only at run time."""


class Mismatch(Exception):
    """A value of the author's is not of the shape that its column or field has."""

    def __init__(self, expected: str, given: object) -> None:
        self.expected, self.given = expected, given
        super().__init__(f"expected {expected}, got {given_text(given)}")


def given_text(value: object) -> str:
    """A value for an error message: its type and a short form of it."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '…'}"


class Converters:
    """The converters of one module; `into` is towards the engine, `outof` towards the author."""

    def __init__(self, definitions: Mapping[int, Definition]) -> None:
        self.definitions = definitions
        self._into: dict[int, Convert] = {}
        self._outof: dict[int, Convert] = {}

    def into(self, shape: Shape) -> Convert | None:
        """From author to engine. Raises Mismatch for containers of the wrong kind; scalars are the codec's to check."""
        match shape:
            case Scalar():
                return None
            case Unit():
                return _unit_into
            case ListShape(element):
                return _list_into(shape.text, self.into(element))
            case OptionShape(inner, is_boxed):
                return self._option_into(shape, inner, is_boxed)
            case ResultShape(ok, err):
                return _cases_into(shape.text, {Ok: (0, self.into(ok)), Err: (1, self.into(err))})
            case Named(ref):
                return self._named(self._into, ref.index, self._define_into)

    def outof(self, shape: Shape) -> Convert | None:
        """From engine to author."""
        match shape:
            case Scalar():
                return None
            case Unit():
                return _unit_outof
            case ListShape(element):
                each = self.outof(element)
                return list if each is None else lambda values: [each(v) for v in values]
            case OptionShape(inner, is_boxed):
                return self._option_outof(inner, is_boxed)
            case ResultShape(ok, err):
                return _cases_outof([_boxed(Ok, self.outof(ok)), _boxed(Err, self.outof(err))])
            case Named(ref):
                return self._named(self._outof, ref.index, self._define_outof)

    def _option_into(self, shape: Shape, inner: Shape, is_boxed: bool) -> Convert | None:
        convert, is_nested = self.into(inner), option_inner(inner.type) is not None
        if not is_boxed:
            return None if convert is None else lambda v: None if v is None else convert(v)

        def into(value: Any) -> Any:
            if value is None:
                return None
            if type(value) is not Some:
                raise Mismatch(shape.text, value)
            held = value.value if convert is None else convert(value.value)
            return Some(held) if is_nested else held

        return into

    def _option_outof(self, inner: Shape, is_boxed: bool) -> Convert | None:
        convert, is_nested = self.outof(inner), option_inner(inner.type) is not None
        if not is_boxed:
            return None if convert is None else lambda v: None if v is None else convert(v)

        def outof(value: Any) -> Any:
            if value is None:
                return None
            held = value.value if is_nested else value
            return Some(held if convert is None else convert(held))

        return outof

    def _named(self, made: dict[int, Convert], index: int, define: Callable[[Definition], Convert]) -> Convert:
        if index not in made:
            # While the definition is in the making, a type that contains itself finds this and calls it later.
            made[index] = lambda value: made[index](value)
            made[index] = define(self.definitions[index])
        return made[index]

    def _define_into(self, definition: Definition) -> Convert:
        match definition:
            case RecordShape(cls, _):
                return compile_into(cls, self.fields_into(definition))
            case EnumShape(cls):
                return _cases_by_value(cls.__name__, {member: (tag, ()) for tag, member in enumerate(cls)})
            case UnionShape(name, variants):
                cases = {}
                for tag, (cls, payload) in enumerate(variants):
                    cases[cls] = (tag, self.into(payload))
                holders = {
                    cls for cls, payload in variants if isinstance(payload, Named) and self._is_self(cls, payload)
                }
                return _union_into(name, cases, holders)

    def _define_outof(self, definition: Definition) -> Convert:
        match definition:
            case RecordShape():
                return compile_outof(definition.cls, self.fields_outof(definition))
            case EnumShape(cls):
                members = list(cls)
                return lambda value: members[value[0]]
            case UnionShape(_, variants):
                cases: list[Convert] = []
                for cls, payload in variants:
                    convert = self.outof(payload)
                    is_own = isinstance(payload, Named) and self._is_self(cls, payload) and convert is not None
                    cases.append(convert if is_own and convert is not None else _boxed(cls, convert))
                return _cases_outof(cases)

    def _is_self(self, cls: type[Any], payload: Named) -> bool:
        """Whether the payload of a variant is the class itself: a dataclass that stands in the union directly."""
        definition = self.definitions[payload.ref.index]
        return isinstance(definition, RecordShape) and definition.cls is cls

    def fields_into(self, record: RecordShape) -> list[tuple[str, Convert | None]]:
        """The fields of a record with their converters towards the engine."""
        return [(name, self.into(shape)) for name, shape in record.fields]

    def fields_outof(self, record: RecordShape) -> list[tuple[str, Convert | None]]:
        """The fields of a record with their converters towards the author."""
        return [(name, self.outof(shape)) for name, shape in record.fields]


def compile_into(cls: type[Any], fields: list[tuple[str, Convert | None]]) -> Convert:
    """Compile `object -> tuple` for a class; anything but an instance of it is a Mismatch."""
    names: dict[str, Any] = {"cls": cls, "Mismatch": Mismatch, "expected": cls.__name__}
    names.update((f"c{i}", convert) for i, (_, convert) in enumerate(fields) if convert is not None)
    parts = [f"o.{name}" if convert is None else f"c{i}(o.{name})" for i, (name, convert) in enumerate(fields)]
    return _compile(
        f"def convert(o):\n"
        f"    if type(o) is not cls and not isinstance(o, cls):\n"
        f"        raise Mismatch(expected, o)\n"
        f"    return ({''.join(part + ', ' for part in parts)})\n",
        names,
    )


def compile_outof(cls: type[Any], fields: list[tuple[str, Convert | None]]) -> Convert:
    """Compile `tuple -> object` for a class, without running its `__init__`."""
    names: dict[str, Any] = {"cls": cls, "new": cls.__new__, "put": object.__setattr__}
    names.update((f"c{i}", convert) for i, (_, convert) in enumerate(fields) if convert is not None)
    values = "".join(f"v{i}, " for i in range(len(fields)))
    is_plain = vars(cls).get("__setattr__", cls.__setattr__) is vars(object)["__setattr__"]
    lines = []
    for i, (name, convert) in enumerate(fields):
        value = f"v{i}" if convert is None else f"c{i}(v{i})"
        lines.append(f"    o.{name} = {value}\n" if is_plain else f"    put(o, {name!r}, {value})\n")
    unpack = f"    {values}= t\n" if fields else ""
    return _compile(f"def convert(t):\n{unpack}    o = new(cls)\n{''.join(lines)}    return o\n", names)


def _compile(source: str, names: dict[str, Any]) -> Convert:
    exec(compile(source, "<stdbctl row converter>", "exec"), names)
    return names["convert"]  # type: ignore[no-any-return]  # defined by the source


def _unit_into(value: Any) -> Any:
    if value is not None:
        raise Mismatch("None", value)
    return ()


def _unit_outof(value: Any) -> None:
    return None


def _list_into(text: str, each: Convert | None) -> Convert:
    def into_plain(values: Any) -> Any:
        if not isinstance(values, list | tuple):
            raise Mismatch(text, values)
        return tuple(values)

    def into(values: Any) -> Any:
        if not isinstance(values, list | tuple):
            raise Mismatch(text, values)
        return tuple([each(v) for v in values])  # type: ignore[misc]  # used only where `each` is given

    return into_plain if each is None else into


def _cases_into(text: str, cases: Mapping[type[Any], tuple[int, Convert | None]]) -> Convert:
    def into(value: Any) -> Any:
        case = cases.get(type(value))
        if case is None:
            raise Mismatch(text, value)
        tag, convert = case
        return tag, value.value if convert is None else convert(value.value)

    return into


def _union_into(text: str, cases: Mapping[type[Any], tuple[int, Convert | None]], holders: set[type[Any]]) -> Convert:
    """`holders`: the classes that are their own payload."""

    def into(value: Any) -> Any:
        case = cases.get(type(value))
        if case is None:
            raise Mismatch(text, value)
        tag, convert = case
        payload = value if type(value) in holders else value.value
        return tag, payload if convert is None else convert(payload)

    return into


def _cases_by_value(text: str, cases: Mapping[Any, Any]) -> Convert:
    def into(value: Any) -> Any:
        try:
            return cases[value]
        except (KeyError, TypeError):
            raise Mismatch(text, value) from None

    return into


def _cases_outof(cases: list[Convert]) -> Convert:
    return lambda value: cases[value[0]](value[1])


def _boxed(cls: type[Any], convert: Convert | None) -> Convert:
    return cls if convert is None else lambda value: cls(convert(value))

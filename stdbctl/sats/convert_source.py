"""Generates the converters of shapes: one function for each named type, everything between them inline.

A value of 128 nested levels must go through within Python's limit of frames: a level costs one frame for the named type
and one for each list around it. Whatever does not fit raises something; the functions that are handed out then ask
their rescue, which finds the words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any  # Any: values of types known only at run time

from stdbctl.sats.exact import is_own_payload
from stdbctl.sats.graph import TypeGraph
from stdbctl.sats.leaves import Misfit
from stdbctl.sats.lookalikes import adapter, is_nested_option
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
from stdbctl.sats.types import Typespace
from stdbctl.sats.values import Err, Ok, Some

Convert = Callable[[Any], Any]
NESTING_MAX = 8
"""Levels of a shape in one expression: Python allows 200 parentheses and, since 3.12, 20 loops within another."""


def is_plain(shape: Shape) -> bool:
    """Whether authors and engine hold the values of a shape alike."""
    return isinstance(shape, Scalar) or (
        isinstance(shape, OptionShape) and not shape.is_boxed and is_plain(shape.inner)
    )


def _misfit() -> Any:
    raise Misfit


def _listed(values: Any) -> Any:
    if isinstance(values, list | tuple):
        return values
    raise Misfit


def _unit(value: Any) -> Any:
    if value is None:
        return ()
    raise Misfit


def _held(value: Any) -> Any:
    if type(value) is Some:
        return value.value
    raise Misfit


_NAMES: dict[str, Any] = {
    "Err": Err,
    "Misfit": Misfit,
    "Ok": Ok,
    "Some": Some,
    "held": _held,
    "listed": _listed,
    "misfit": _misfit,
    "put": object.__setattr__,
    "unit": _unit,
}


class ConvertSource:
    """Makes the functions of one module. They live in one namespace, so that types may contain themselves."""

    def __init__(self, definitions: Mapping[int, Definition], typespace: Typespace) -> None:
        self.definitions = definitions
        self._graph = TypeGraph(typespace)
        self._names = dict(_NAMES)
        self._known: dict[object, str] = {}
        self._waiting: list[str] = []
        self._serial = 0

    def into(self, shape: Shape, rescue: Convert) -> Convert:
        """The function from author to engine; it hands failures to `rescue`."""
        return self._guarded(f"return {self._into(shape, 'x', 0)}", rescue)

    def outof(self, shape: Shape) -> Convert:
        """The function from engine to author."""
        return self._define("outof", "x", [f"return {self._outof(shape, 'x', 0)}"])

    def record_into(self, record: RecordShape, rescue: Convert) -> Convert:
        """The function from an object to the tuple of its fields; it hands failures to `rescue`."""
        *check, answer = self._record_into(record)
        return self._guarded("\n        ".join([*check, answer]), rescue)

    def record_outof(self, record: RecordShape) -> Convert:
        """The function from the tuple of fields to an object."""
        return self._define("outof", "x", self._record_outof(record))

    # --- functions ---

    def _guarded(self, body: str, rescue: Convert) -> Convert:
        lines = ["try:", f"    {body}", "except Exception:", "    pass", f"return {self._named(rescue)}(x)"]
        return self._define("into", "x", lines)

    def _define(self, prefix: str, parameter: str, lines: Sequence[str]) -> Convert:
        name = self._fresh(prefix)
        self._write(name, parameter, lines)
        source = "\n".join(self._waiting)
        self._waiting.clear()
        exec(compile(source, "<stdbctl converters>", "exec"), self._names)
        return self._names[name]  # type: ignore[no-any-return]  # the source defines it

    def _write(self, name: str, parameter: str, lines: Sequence[str]) -> None:
        self._waiting.append("\n".join([f"def {name}({parameter}):", *("    " + line for line in lines)]))

    def _fresh(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}_{self._serial}"

    def _named(self, thing: object) -> str:
        name = self._fresh("n")
        self._names[name] = thing
        return name

    def _function(self, prefix: str, shape: Shape, body: Callable[[], Sequence[str]]) -> str:
        """The function of a shape, written at its first use; while it is being written, it has its name already."""
        key = (prefix, shape.ref if isinstance(shape, Named) else shape)
        if key not in self._known:
            self._known[key] = self._fresh(prefix)
            self._write(self._known[key], "x", body())
        return self._known[key]

    # --- towards the engine ---

    def _into(self, shape: Shape, x: str, level: int) -> str:
        """The expression of the engine's value, in which the expression `x` stands once."""
        if is_plain(shape):
            return x
        if level > NESTING_MAX:
            return f"{self._function('into', shape, lambda: ['return ' + self._into(shape, 'x', 0)])}({x})"
        match shape:
            case Unit():
                return f"unit({x})"
            case ListShape(element):
                return self._list_into(element, x, level)
            case OptionShape(inner, is_boxed):
                value = self._fresh("v")
                held = self._into(inner, f"held({value})" if is_boxed else value, level + 1)
                is_nested = is_nested_option(inner.type, self._graph)
                return f"(None if ({value} := {x}) is None else {f'Some({held})' if is_nested else held})"
            case ResultShape(ok, err):
                value = self._fresh("v")
                ok_part, err_part = (self._into(side, f"{value}.value", level + 1) for side in (ok, err))
                last = f"(1, {err_part}) if type({value}) is Err else misfit()"
                return f"((0, {ok_part}) if type({value} := {x}) is Ok else {last})"
            case _:
                assert isinstance(shape, Named)
                return f"{self._function('into', shape, lambda: self._named_into(shape))}({x})"

    def _list_into(self, element: Shape, x: str, level: int) -> str:
        if is_plain(element):
            return f"tuple(listed({x}))"
        item = self._fresh("v")
        return f"tuple([{self._into(element, item, level + 1)} for {item} in listed({x})])"

    def _named_into(self, shape: Named) -> list[str]:
        lines = self._definition_into(self.definitions[shape.ref.index])
        adapt = adapter(shape.ref, self._graph)
        if adapt is None:
            return lines
        inner = self._fresh("into")
        self._write(inner, "x", lines)
        return [f"return {self._named(adapt.into)}({inner}(x))"]

    def _definition_into(self, definition: Definition) -> list[str]:
        match definition:
            case RecordShape():
                return self._record_into(definition)
            case EnumShape(cls):
                tags = self._named({member: (tag, ()) for tag, member in enumerate(cls)})
                return [f"if type(x) is {self._named(cls)}: return {tags}[x]", "raise Misfit"]
            case UnionShape(_, variants):
                lines = ["c = type(x)"]
                for tag, (cls, payload) in enumerate(variants):
                    is_own = is_own_payload(cls, payload, self.definitions)
                    value = self._into(payload, "x" if is_own else "x.value", 0)
                    lines.append(f"if c is {self._named(cls)}: return {tag}, {value}")
                return [*lines, "raise Misfit"]

    def _record_into(self, record: RecordShape) -> list[str]:
        cls = self._named(record.cls)
        fields = [self._into(shape, f"x.{name}", 0) for name, shape in record.fields]
        return [
            f"if type(x) is not {cls} and not isinstance(x, {cls}): raise Misfit",
            f"return ({''.join(field + ', ' for field in fields)})",
        ]

    # --- towards the author ---

    def _outof(self, shape: Shape, x: str, level: int) -> str:
        """The expression of the author's value, in which the expression `x` stands once."""
        if is_plain(shape):
            return x
        if level > NESTING_MAX:
            return f"{self._function('outof', shape, lambda: ['return ' + self._outof(shape, 'x', 0)])}({x})"
        match shape:
            case Unit():
                return "None"
            case ListShape(element):
                item = self._fresh("v")
                return (
                    f"list({x})"
                    if is_plain(element)
                    else f"[{self._outof(element, item, level + 1)} for {item} in {x}]"
                )
            case OptionShape(inner, is_boxed):
                value = self._fresh("v")
                is_nested = is_nested_option(inner.type, self._graph)
                held = self._outof(inner, f"{value}.value" if is_nested else value, level + 1)
                return f"(None if ({value} := {x}) is None else {f'Some({held})' if is_boxed else held})"
            case ResultShape(ok, err):
                value = self._fresh("v")
                ok_part, err_part = (self._outof(side, f"{value}[1]", level + 1) for side in (ok, err))
                return f"(Ok({ok_part}) if ({value} := {x})[0] == 0 else Err({err_part}))"
            case _:
                assert isinstance(shape, Named)
                return f"{self._function('outof', shape, lambda: self._named_outof(shape))}({x})"

    def _named_outof(self, shape: Named) -> list[str]:
        lines = self._definition_outof(self.definitions[shape.ref.index])
        adapt = adapter(shape.ref, self._graph)
        if adapt is None:
            return lines
        return [f"x = {self._named(adapt.outof)}(x)", *lines]

    def _definition_outof(self, definition: Definition) -> list[str]:
        match definition:
            case RecordShape():
                return self._record_outof(definition)
            case EnumShape(cls):
                return [f"return {self._named(tuple(cls))}[x[0]]"]
            case UnionShape(_, variants):
                lines = ["t, y = x"]
                for tag, (cls, payload) in enumerate(variants):
                    value = self._outof(payload, "y", 0)
                    if not is_own_payload(cls, payload, self.definitions):
                        value = f"{self._named(cls)}({value})"
                    lines.append(f"if t == {tag}: return {value}")
                return [*lines, "raise Misfit"]

    def _record_outof(self, record: RecordShape) -> list[str]:
        cls = record.cls
        lines = [f"o = {self._named(cls.__new__)}({self._named(cls)})"]
        if record.fields:
            lines.append(f"{''.join(f'v{i}, ' for i in range(len(record.fields)))}= x")
        is_plain_class = vars(cls).get("__setattr__", cls.__setattr__) is vars(object)["__setattr__"]
        for i, (name, shape) in enumerate(record.fields):
            value = self._outof(shape, f"v{i}", 0)
            lines.append(f"o.{name} = {value}" if is_plain_class else f"put(o, {name!r}, {value})")
        return [*lines, "return o"]

"""Values between their two forms: what authors hold and what the engine holds. Compiled per shape and per class.

A converter of None means that both forms are one and the same, so plain values cost nothing.
"""

from collections.abc import Mapping
from typing import Any

from stdbctl.sats.convert_source import Convert, ConvertSource, is_plain
from stdbctl.sats.exact import Exact
from stdbctl.sats.expected import Mismatch, given_text
from stdbctl.sats.shapes import Definition, RecordShape, Shape
from stdbctl.sats.types import Typespace

_UNKNOWN = Typespace()


class Converters:
    """The converters of one module; `into` is towards the engine, `outof` towards the author.

    `typespace`: what the refs of `definitions` point into, under the names that travel (see `lookalikes`).
    """

    def __init__(self, definitions: Mapping[int, Definition], typespace: Typespace = _UNKNOWN) -> None:
        self.definitions = definitions
        self._exact = Exact(definitions, typespace)
        self._source = ConvertSource(definitions, typespace)

    def into(self, shape: Shape) -> Convert | None:
        """From author to engine. Raises Mismatch for what has the wrong form; plain values are the codec's to check."""
        return None if is_plain(shape) else self._source.into(shape, lambda value: self.exact(shape, value))

    def outof(self, shape: Shape) -> Convert | None:
        """From engine to author; it cannot fail for a value that a codec takes."""
        return None if is_plain(shape) else self._source.outof(shape)

    def row_into(self, record: RecordShape) -> Convert:
        """From an instance of the record's class to the tuple of its fields. Raises Mismatch."""
        return self._source.record_into(record, lambda row: self.exact_row(record, row))

    def row_outof(self, record: RecordShape) -> Convert:
        """From the tuple of its fields to an instance of the record's class, without running its `__init__`."""
        return self._source.record_outof(record)

    def fields_into(self, record: RecordShape) -> list[tuple[str, Convert | None]]:
        """The fields of a record with their converters towards the engine."""
        return [(name, self.into(shape)) for name, shape in record.fields]

    def fields_outof(self, record: RecordShape) -> list[tuple[str, Convert | None]]:
        """The fields of a record with their converters towards the author."""
        return [(name, self.outof(shape)) for name, shape in record.fields]

    def exact(self, shape: Shape, value: object) -> Any:
        """The engine form of a value, with every part of it looked at: slow, for what was refused elsewhere.

        Values of subclasses of int, float, str and bytes become plain ones, so that the answer may be one that fits.

        Raises:
            Mismatch: something does not fit; says where, what was expected and what came.
        """
        return self._exact.checked(shape, value)

    def exact_row(self, record: RecordShape, row: object) -> Any:
        """The same for an instance of the record's class; the first step of an error's path is the field."""
        return self._exact.checked_row(record, row)


def compile_into(cls: type[Any], fields: list[tuple[str, Convert | None]]) -> Convert:
    """Compile `object -> tuple` for a class; anything but an instance of it is a Mismatch."""
    names: dict[str, Any] = {"cls": cls, "Mismatch": Mismatch, "given_text": given_text, "expected": cls.__name__}
    names.update((f"c{i}", convert) for i, (_, convert) in enumerate(fields) if convert is not None)
    parts = [f"o.{name}" if convert is None else f"c{i}(o.{name})" for i, (name, convert) in enumerate(fields)]
    return _compile(
        f"def convert(o):\n"
        f"    if type(o) is not cls and not isinstance(o, cls):\n"
        f"        raise Mismatch((), expected, given_text(o))\n"
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

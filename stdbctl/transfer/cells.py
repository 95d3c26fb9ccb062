"""Values as cells of CSV: the JSON of the value without the quotes of a string. docs/data.md, "CSV".

string                       itself
JSON that is a string        that string (bytes, moments, names of cases, …)
an option without a value    an empty cell
an option with a value       the value's cell; where that is empty or begins with a quote, as a JSON string in quotes
an option within an option   JSON text
everything else              JSON text
"""

from collections.abc import Callable
from typing import Any  # Any: JSON data, and engine values of types known only at run time

from stdbctl.sats import (
    BYTES,
    AlgebraicType,
    ArrayType,
    JsonError,
    Primitive,
    ProductType,
    Typespace,
    dumps,
    loads,
    option_inner,
    special_name,
)
from stdbctl.transfer.misfit import Misfit
from stdbctl.transfer.read_values import ValueReaders
from stdbctl.transfer.write_values import ValueWriters, is_option

WriteCell = Callable[[Any], str]
ReadCell = Callable[[str], Any]
_BOOLS = {"true": True, "false": False}


def cell_writer(type_: AlgebraicType, typespace: Typespace, writers: ValueWriters) -> WriteCell:
    """What writes the values of one column."""
    inner = option_inner(typespace.resolve(type_))
    write = writers.of(type_)
    if inner is None:
        return _text if write is None else lambda value: _text(write(value))
    if is_option(inner, typespace):
        assert write is not None, "an option has a writer"
        return lambda value: "" if value is None else dumps(write(value))
    inner_cell = cell_writer(inner, typespace, writers)
    return lambda value: "" if value is None else _quoted(inner_cell(value))


def cell_reader(type_: AlgebraicType, typespace: Typespace, readers: ValueReaders) -> ReadCell:
    """What reads the cells of one column; they raise Misfit."""
    read, resolved = readers.of(type_), typespace.resolve(type_)
    inner = option_inner(resolved)
    if inner is not None and is_option(inner, typespace):
        return lambda cell: None if cell == "" else read(_json(cell))
    if inner is not None:
        inner_cell = cell_reader(inner, typespace, readers)
        return lambda cell: None if cell == "" else inner_cell(_json(cell) if cell[0] == '"' else cell)
    if resolved is Primitive.STRING:
        return read
    if resolved is Primitive.BOOL:
        return lambda cell: read(_BOOLS.get(cell.lower(), cell))
    if isinstance(resolved, ArrayType | ProductType) and resolved != BYTES and special_name(resolved) is None:
        return lambda cell: read(_json(cell))
    return lambda cell: read(_json(cell) if cell[:1] in ("{", "[") else cell)


def _text(data: Any) -> str:
    return data if isinstance(data, str) else dumps(data)


def _quoted(cell: str) -> str:
    return dumps(cell) if cell == "" or cell[0] == '"' else cell


def _json(cell: str) -> Any:
    try:
        return loads(cell)
    except JsonError as error:
        raise Misfit(f"JSON ({error.what})", cell) from None

"""Python source on lines of at most 88 columns, laid out as formatters do.

88 is what formatters allow unless they are told otherwise. What does not fit on one line has each item on a line of its
own, with a comma after the last one: formatters that are set to a greater width leave that as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from stdbctl.codegen.literals import Safe

LINE_MAX = 88


@dataclass(frozen=True, slots=True)
class Items:
    """Items between brackets: `open`, which ends in one, the items, and `close`, which begins with one.

    `is_tuple`: a single item needs its comma even on one line.
    """

    open: str
    items: "tuple[Source, ...]"
    close: str = ")"
    is_tuple: bool = False


Source: TypeAlias = "str | Items"
"""A piece of source: text that stays on one line, or items that may be spread over several."""


def prefixed(text: str, source: Source) -> Source:
    """A piece of source with a text before it."""
    return f"{text}{source}" if isinstance(source, str) else replace(source, open=f"{text}{source.open}")


def lay_out(source: Source, indent: int = 0, after: str = "") -> Safe:
    """Lay out one statement, without a final newline. `indent`: the columns before it; `after`: what ends it."""
    return Safe("\n".join(_lines(source, " " * indent, after)))


def _lines(source: Source, margin: str, after: str, *, is_spread: bool = False) -> Iterable[str]:
    line = f"{margin}{_flat(source)}{after}"
    if isinstance(source, str) or not source.items or (len(line) <= LINE_MAX and not is_spread):
        yield line
        return
    # The comma of a tuple of one tells formatters nothing, so what is inside has to keep the tuple open.
    is_lone = source.is_tuple and len(source.items) == 1
    yield f"{margin}{source.open}"
    for item in source.items:
        yield from _lines(item, f"{margin}    ", ",", is_spread=is_lone)
    yield f"{margin}{source.close}{after}"


def _flat(source: Source) -> str:
    if isinstance(source, str):
        return source
    comma = "," if source.is_tuple and len(source.items) == 1 else ""
    return f"{source.open}{', '.join(map(_flat, source.items))}{comma}{source.close}"


def import_lines(module: str, names: Iterable[str]) -> str:
    """An import of names from a module, in the order of import sorters; nothing without names."""
    found = tuple(sorted(set(names), key=import_key))
    line = f"from {module} import {', '.join(found)}"
    if not found or len(line) <= LINE_MAX:
        return line if found else ""
    return lay_out(Items(f"from {module} import (", found))


def import_key(name: str) -> tuple[int, str]:
    """The order of names in imports: constants, classes, everything else."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def tuple_of(items: Iterable[Source]) -> Items:
    """A tuple."""
    return Items("(", tuple(items), is_tuple=True)


def all_lines(names: Sequence[str]) -> Safe:
    """The list `__all__`, sorted."""
    items = [f'    "{name}",' for name in sorted(names, key=import_key)]
    return Safe("\n".join(["__all__ = [", *items, "]"]) if items else "__all__ = []")

"""The rule that columns come from dataclasses: fields that a plain base annotates, and that no table gets."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from stdbctl.errors import Place
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import PlainBase
from stdbctl.module.tables import TableSpec


def plain_bases(tables: Iterable[TableSpec], places: PlaceBook) -> Iterator[PlainBase]:
    """Each field of the module's own plain bases that looks like a column and is none, once."""
    seen: set[type[Any]] = set()
    for table in tables:
        for base in table.cls.__mro__[1:]:
            if base in seen or "__dataclass_fields__" in vars(base) or getattr(base, "_is_protocol", False):
                continue
            seen.add(base)
            for name, place in _annotated(base, places):
                if name not in table.by_name and not hasattr(table.cls, name):
                    yield PlainBase(field=name, base=base.__name__, table=table.cls.__name__, place=place)


def _annotated(base: type[Any], places: PlaceBook) -> Iterator[tuple[str, Place]]:
    """The public fields that a class body annotates and gives no value."""
    found = places.definition(base)
    for node in found[1].body if found else ():
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
                if found and not name.startswith("_") and "ClassVar" not in ast.unparse(annotation):
                    yield name, found[0].place(node.target)

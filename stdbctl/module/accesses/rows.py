"""Making rows: `Point(x=1.0, y=2.0)` compared with the columns of the class."""

import ast
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from stdbctl.errors import Place, Problem
from stdbctl.module.accesses.problems import IncompleteRow
from stdbctl.module.places import PlaceBook
from stdbctl.module.problems import UnknownColumn
from stdbctl.module.sources import SourceFile
from stdbctl.module.tables import TableSpec
from stdbctl.nearest import nearest


def row_problems(spec: TableSpec, call: ast.Call, file: SourceFile, places: PlaceBook) -> Iterator[Problem]:
    """What is wrong about the names in a call of a row class."""
    if _has_own_init(spec.cls, places):
        return
    name = spec.cls.__name__
    if any(not isinstance(arg, ast.Starred) for arg in call.args):
        names = [field.name for field in _fields(spec.cls)]
        given = ", ".join(f"{n}=…" for n in names[: len(call.args)] or names[:1])
        yield IncompleteRow(
            what=f"`{name}` takes its columns by name",
            why="columns may be added and moved, so a row says which value belongs to which",
            fix=f"write `{name}({given})`",
            place=file.place(call.args[0]),
        )
        return
    yield from _unknown(spec, call, file)
    yield from _missing(spec, call, file)


def unknown_column(spec: TableSpec, name: str, place: Place | None) -> Problem:
    """The problem of a column that the table does not have; Django's spelling of ranges gets ours."""
    column, _, comparison = name.partition("__")
    if comparison in _RANGES and column in spec.by_name:
        fix = f"write `{column}={_RANGES[comparison]}(…)`, with `{_RANGES[comparison]}` from `stdbctl.module`"
    else:
        near = nearest(name, spec.by_name)
        columns = ", ".join(f"`{known}`" for known in spec.by_name)
        fix = f"did you mean `{near}`?" if near else f"its columns: {columns}" if columns else "it has no columns"
    return UnknownColumn(table=spec.source_name, column=name, fix=fix, place=place)


def keyword_place(file: SourceFile, keyword: ast.keyword) -> Place:
    """Where the name before `=` stands."""
    place = file.place(keyword)
    return dataclasses.replace(place, end_column=place.column + len(keyword.arg or ""))


_RANGES = {"gt": "above", "gte": "at_least", "lt": "below", "lte": "at_most", "range": "between"}
Field = dataclasses.Field[Any]
"""A field of a dataclass; Any because its type is known only at run time."""
Add = Callable[[Problem], None]


def _fields(cls: type[Any]) -> list[Field]:
    return [field for field in dataclasses.fields(cls) if field.init]


def _has_own_init(cls: type[Any], places: PlaceBook) -> bool:
    """Whether the class says itself how its rows are made; `@table` then leaves that alone."""
    found = places.definition(cls)
    names = ("__init__", "__new__")
    return found is None or any(isinstance(node, ast.FunctionDef) and node.name in names for node in found[1].body)


def _unknown(spec: TableSpec, call: ast.Call, file: SourceFile) -> Iterator[Problem]:
    known = {field.name for field in _fields(spec.cls)}
    for keyword in call.keywords:
        if keyword.arg in spec.by_name and keyword.arg not in known:
            yield IncompleteRow(
                what=f"`{spec.cls.__name__}` takes no `{keyword.arg}`",
                why="its field says `init=False`, so the class sets it itself",
                fix="leave it out, or remove `init=False`",
                place=keyword_place(file, keyword),
            )
        elif keyword.arg is not None and keyword.arg not in known:
            yield unknown_column(spec, keyword.arg, keyword_place(file, keyword))


def _missing(spec: TableSpec, call: ast.Call, file: SourceFile) -> Iterator[Problem]:
    given = {keyword.arg for keyword in call.keywords}
    known = {field.name for field in _fields(spec.cls)}
    if None in given or call.args or not given <= known:  # `**` may bring it; a typo may be the missing one
        return
    missing = [
        field.name
        for field in _fields(spec.cls)
        if field.name not in given
        and field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
    ]
    if missing:
        columns = ", ".join(f"`{name}`" for name in missing)
        more = ", ".join(f"{name}=…" for name in missing)
        yield IncompleteRow(
            what=f"this `{spec.cls.__name__}` lacks {columns}",
            why="a column without a default needs a value in every row",
            fix=f"add `{more}`, or give the column a default in the class",
            place=file.place(call.func),
        )

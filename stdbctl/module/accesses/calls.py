"""Calls of tables: `find`, `filter`, `delete`, `insert` and `update` compared with columns and indexes."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stdbctl.errors import Place, Problem
from stdbctl.module.access_paths import ColumnAccess, Paths
from stdbctl.module.accesses.advice import fix_text, range_text
from stdbctl.module.accesses.fits import Fits
from stdbctl.module.accesses.meanings import (
    Known,
    Meanings,
    OneTable,
    Ranged,
    RowOf,
    TableFinder,
    Tables,
)
from stdbctl.module.accesses.problems import AccessNotIndexed, NotATable, WrongAccess, WrongValue
from stdbctl.module.accesses.rows import keyword_place, row_problems, unknown_column
from stdbctl.module.accesses.scopes import NameScope, Use
from stdbctl.module.declare import TableOf
from stdbctl.module.places import PlaceBook
from stdbctl.module.rows import Table
from stdbctl.module.sources import SourceFile
from stdbctl.module.tables import TableSpec
from stdbctl.nearest import nearest
from stdbctl.records import NotIndexed
from stdbctl.schema import TableDef

_METHODS = frozenset(name for name in vars(Table) if not name.startswith("_"))
_INSTEAD = {
    **dict.fromkeys(("all", "iter", "list", "rows", "scan", "select", "values"), "loop over the table itself"),
    **dict.fromkeys(("get", "get_by", "find_one", "first", "one", "find_by"), "use `find(column=value)`"),
    **dict.fromkeys(("filter_by", "find_all", "query", "search", "where"), "use `filter(column=value)`"),
    **dict.fromkeys(("add", "append", "create", "save", "upsert"), "use `insert(row)`, or `update(row)`"),
    **dict.fromkeys(("clear", "drop", "truncate", "remove"), "use `delete(row)` or `delete(column=value)`"),
    **dict.fromkeys(("length", "size"), "use `count()`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What calls are compared with. `defs`: the sound tables by source name; `is_whole`: nothing else is wrong."""

    tables: TableFinder
    defs: Mapping[str, TableDef]
    fits: Fits
    places: PlaceBook
    table_names: tuple[str, ...]
    is_whole: bool


class CallChecker:
    """Checks the uses of tables in one file."""

    def __init__(self, file: SourceFile, meanings: Meanings, ground: Ground) -> None:
        self._file, self._meanings, self._ground = file, meanings, ground

    def problems(self, use: Use) -> Iterator[Problem]:
        """What is wrong about one expression."""
        node, scope = use.node, use.scope
        if isinstance(node, ast.Subscript):
            yield from self._item(node, scope)
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node, scope)
        elif isinstance(node.func, ast.Attribute):
            base = self._meanings.of(node.func.value, scope)
            if isinstance(base, OneTable):
                yield from self._method(base, node, node.func.attr, scope)
            else:
                yield from self._row(node, scope)
        else:
            yield from self._row(node, scope)

    def _item(self, node: ast.Subscript, scope: NameScope) -> Iterator[Problem]:
        key = self._meanings.of(node.slice, scope)
        if not self._ground.is_whole or not isinstance(key, Known) or self._ground.tables.by_key(key.value):
            return
        if not isinstance(self._meanings.of(node.value, scope), Tables):
            return
        name = key.value if isinstance(key.value, str) else getattr(key.value, "__name__", None)
        shown = f"`{name}`" if isinstance(name, str) else f"`{ast.unparse(node.slice)}`"
        near = nearest(str(name), self._ground.table_names)
        if isinstance(key.value, str):
            fix = f"write `ctx.db[{near or 'Point'}]`, without quotes"
        elif isinstance(key.value, type):
            fix = f"put `@table` above `{name}`" + (f", or write `{near}`" if near and near != name else "")
        else:
            fix = "name a class with `@table`"
        yield NotATable(what=f"{shown} is no table", fix=fix, place=self._file.place(node.slice))

    def _attribute(self, node: ast.Attribute, scope: NameScope) -> Iterator[Problem]:
        if node.attr.startswith("_"):
            return
        base = self._meanings.of(node.value, scope)
        if isinstance(base, Tables):
            near = nearest(node.attr.replace("_", ""), self._ground.table_names)
            yield NotATable(
                what=f"`ctx.db` has no attribute `{node.attr}`",
                fix=f"write `ctx.db[{near or 'Point'}]`" + ("" if near else ", with the class of your table"),
                place=self._end_of(node),
            )
        elif isinstance(base, OneTable) and node.attr not in _METHODS:
            near = nearest(node.attr, _METHODS)
            known = f"did you mean `{near}`?" if near else f"it has {_list(sorted(_METHODS))}"
            yield WrongAccess(
                what=f"a table has no `{node.attr}`",
                why=f"`{base.specs[0].source_name}` is used by its methods, and by looping over it",
                fix=_INSTEAD.get(node.attr, known),
                place=self._end_of(node),
            )

    def _method(self, table: OneTable, call: ast.Call, method: str, scope: NameScope) -> Iterator[Problem]:
        if method in ("find", "filter") or (method == "delete" and not call.args):
            yield from self._lookup(table, call, method, scope)
        elif method in ("insert", "update", "delete"):
            yield from self._row_method(table, call, method)

    def _lookup(self, table: OneTable, call: ast.Call, method: str, scope: NameScope) -> Iterator[Problem]:
        spec = table.specs[0]
        if call.args:
            yield self._positional(spec, call, method, scope)
            return
        names = [keyword for keyword in call.keywords if keyword.arg is not None]
        unknown = [keyword for keyword in names if keyword.arg not in spec.by_name]
        for keyword in unknown:
            yield unknown_column(spec, keyword.arg or "", keyword_place(self._file, keyword))
        for keyword in names:
            if keyword not in unknown:
                yield from self._value(spec, keyword, method, scope)
        if len(names) == len(call.keywords) and not unknown:
            yield from self._path(table, call, method, scope)

    def _positional(self, spec: TableSpec, call: ast.Call, method: str, scope: NameScope) -> Problem:
        key = next((c.name for c in spec.columns if c.has("PrimaryKey")), None) or next(iter(spec.by_name), "column")
        given = call.args[0]
        if isinstance(given, ast.Lambda):
            fix = f"loop: `[row for row in ctx.db[{spec.cls.__name__}] if …]`"
        elif isinstance(self._meanings.of(given, scope), RowOf) and method != "delete":
            fix = f"write `{method}({key}=row.{key})`"
        else:
            fix = f"write `{method}({key}={ast.unparse(given)})`"
        return WrongAccess(
            what=f"`{method}` takes columns by name",
            why="it goes by the index on the columns that it is given",
            fix=fix,
            place=self._file.place(given),
        )

    def _value(self, spec: TableSpec, keyword: ast.keyword, method: str, scope: NameScope) -> Iterator[Problem]:
        meaning = self._meanings.of(keyword.value, scope)
        if isinstance(meaning, Ranged) and method == "find":
            yield WrongAccess(
                what="`find` takes one value for each column, not a range",
                why="a range may hold several rows",
                fix=f"use `filter({keyword.arg}=…)`",
                place=self._file.place(keyword.value),
            )
            return
        # A range that a name stands for is judged where it is written, if it is written in the call.
        nodes: Sequence[ast.expr] = [keyword.value]
        if isinstance(meaning, Ranged):
            nodes = meaning.ends
        for node in nodes:
            yield from self._fit(spec, keyword.arg or "", node, scope)

    def _fit(self, spec: TableSpec, name: str, node: ast.expr, scope: NameScope) -> Iterator[Problem]:
        column = spec.by_name[name]
        if column.shape is None:
            return
        meaning = self._meanings.of(node, scope)
        fits = self._ground.fits
        refused = fits.refused(meaning, column.shape)
        if refused is not None:
            yield WrongValue(
                given=refused,
                table=spec.source_name,
                column=name,
                type=column.shape.text,
                range=range_text(column.shape, fits.definitions),
                fix=fix_text(meaning, column.shape, fits.definitions, is_key=bool(column.marks)),
                place=self._file.place(node),
            )

    def _path(self, table: OneTable, call: ast.Call, method: str, scope: NameScope) -> Iterator[Problem]:
        """The rule of the indexes, asked of the very paths that a call would take."""
        if not call.keywords:
            yield self._nothing_named(table.specs[0], call, method)
            return
        ranged = tuple(str(k.arg) for k in call.keywords if isinstance(self._meanings.of(k.value, scope), Ranged))
        refused = [self._refusal(spec, call, method, ranged) for spec in table.specs]
        first = refused[0]
        if first is not None and None not in refused:
            yield self._not_indexed(table.specs[0], call, method, first, ranged)

    def _refusal(self, spec: TableSpec, call: ast.Call, method: str, ranged: tuple[str, ...]) -> NotIndexed | None:
        names = tuple(str(keyword.arg) for keyword in call.keywords)
        definition = self._ground.defs.get(spec.source_name)
        if definition is None:
            return None
        columns = {c.name: ColumnAccess(c.position, c.shape, None) for c in spec.columns if c.shape is not None}
        paths = Paths(definition, columns, self._ground.fits.converters)
        try:
            paths.find(names) if method == "find" else paths.filter(names, ranged)
        except NotIndexed as error:
            return error
        return None

    def _nothing_named(self, spec: TableSpec, call: ast.Call, method: str) -> Problem:
        fix = "write `for row in ctx.db[…]`" if method != "delete" else "loop over the table, and delete each row"
        return WrongAccess(
            what=f"`{method}` is given no column",
            why=f"it goes by an index of `{spec.source_name}`; all rows are reached by looping over the table",
            fix=f"name a column, or {fix}",
            place=self._end_of(call.func),
        )

    def _not_indexed(
        self, spec: TableSpec, call: ast.Call, method: str, error: NotIndexed, ranged: tuple[str, ...]
    ) -> Problem:
        reason, fix = _UNINDEXED[error.kind], error.advice
        if isinstance(spec.key, TableOf):
            fix = fix.replace("@table(", "table_of(…, ")
        if len(ranged) == 1 and self._refusal(spec, call, method, ()) is None:
            rest = [name for name in error.columns if name not in ranged]
            reason = "a range stands on the last column of an ordered index, and hash indexes take none"
            fix = f"declare an ordered index that ends with `{ranged[-1]}`: "
            fix += f"`{ranged[0]}: Index[…]`" if not rest else f"`index({_quoted([*rest, ranged[0]])})`"
        first, last = self._file.place(call.keywords[0]), self._file.place(call.keywords[-1])
        return AccessNotIndexed(
            kind=error.kind,
            table=spec.source_name,
            columns=_list(error.columns),
            method=method,
            reason=reason,
            fix=fix,
            place=replace(first, end_column=last.end_column) if last.line == first.line else first,
        )

    def _row_method(self, table: OneTable, call: ast.Call, method: str) -> Iterator[Problem]:
        spec = table.specs[0]
        name = spec.cls.__name__
        if call.keywords:
            given = ", ".join(f"{keyword.arg}=…" for keyword in call.keywords if keyword.arg) or "…"
            is_insert = method == "insert"
            yield WrongAccess(
                what=f"`{method}` takes a row, not columns",
                why="" if is_insert else "it replaces the whole row that has the same primary key",
                fix=f"write `{method}({name}({given}))`"
                if is_insert
                else f"change the row that `find` gave, and pass it: `{method}(row)`",
                place=keyword_place(self._file, call.keywords[0]),
            )
        elif len(call.args) == 1 and isinstance(call.args[0], ast.Constant | ast.Dict | ast.JoinedStr):
            fix = "write `delete(column=value)`" if method == "delete" else f"write `{method}({name}(…))`"
            yield WrongAccess(
                what=f"`{method}` takes a row of class `{name}`",
                why=f"`{ast.unparse(call.args[0])}` is none",
                fix=fix,
                place=self._file.place(call.args[0]),
            )
        definitions = [self._ground.defs.get(spec.source_name) for spec in table.specs]
        if method == "update" and all(d is not None and d.primary_key is None for d in definitions):
            yield WrongAccess(
                what=f"`{spec.source_name}` has no primary key to update by",
                why="`update` replaces the row that has the same primary key",
                fix="declare one with `PrimaryKey[…]`, or delete the old row and insert the new one",
                place=self._end_of(call.func),
            )

    def _row(self, call: ast.Call, scope: NameScope) -> Iterator[Problem]:
        function = self._meanings.of(call.func, scope)
        specs = self._ground.tables.by_class(function.value) if isinstance(function, Known) else ()
        if not specs:
            return
        found = list(row_problems(specs[0], call, self._file, self._ground.places))
        yield from found
        for keyword in call.keywords:
            if keyword.arg is not None and keyword.arg in specs[0].by_name:
                yield from self._fit(specs[0], keyword.arg, keyword.value, scope)

    def _end_of(self, node: ast.expr) -> Place:
        """Where the last name of `a.b.c` stands."""
        place = self._file.place(node)
        if not isinstance(node, ast.Attribute) or place.end_column is None:
            return place
        return replace(place, column=place.end_column - len(node.attr))


_UNINDEXED = {
    "index": "it goes by an index, never through the whole table",
    "unique constraint": "it gives the one row that a unique constraint leaves",
}


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)

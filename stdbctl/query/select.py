"""Plain selects: what POST /sql and one-off queries run."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stdbctl.query.check import Scope, check_predicate
from stdbctl.query.compile import compile_predicate
from stdbctl.query.errors import QueryError, invalid_literal
from stdbctl.query.literals import read_literal
from stdbctl.query.parser import parse_select
from stdbctl.query.plan import Filters, equalities, relations_of
from stdbctl.query.syntax import CountSyntax, ItemSyntax, SelectSyntax, StarSyntax
from stdbctl.sats import AlgebraicType, Identity, Primitive
from stdbctl.schema import ModuleDef

Row = tuple[Any, ...]
Scan = Callable[[str], Iterable[Row]]
"""Canonical table name -> its rows, as tuples in column order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Select:
    """A SELECT that is checked and compiled.

    `columns`: names (canonical, or the alias) and types of the result.
    `table`: canonical name of the table that is read.
    `filters`: as in a `Plan`, for a scan that can look rows up.
    """

    columns: tuple[tuple[str, AlgebraicType], ...]
    table: str
    filters: Filters
    matches: Callable[[Row], bool]
    positions: tuple[int, ...] | None
    """Column positions of the result; None = whole rows."""
    is_count: bool
    limit: int | None

    def run(self, scan: Scan) -> list[Row]:
        """The rows of the result, in scan order. LIMIT does not touch a COUNT."""
        found: Iterator[Row] = filter(self.matches, scan(self.table))
        if self.is_count:
            return [(sum(1 for _ in found),)]
        found = itertools.islice(found, self.limit)
        if self.positions is None:
            return list(found)
        positions = self.positions
        return [tuple(row[position] for position in positions) for row in found]


def plan_select(sql: str, module: ModuleDef, caller: Identity, is_owner: bool) -> Select:
    """Plan a SELECT of POST /sql or a one-off query.

    Raises:
        QueryError: with SpacetimeDB's text.

    Source: docs/sql.md.
    """
    syntax = parse_select(sql)
    if len(syntax.relations) > 1:
        raise QueryError("Unsupported: JOIN; select from one table at a time")
    scope = Scope(relations_of(syntax, module, is_owner), module.typespace, caller)
    predicate = check_predicate(syntax.where, scope) if syntax.where else None
    columns, positions = _projection(syntax, scope)
    return Select(
        columns=columns,
        table=scope.relations[0].table.name,
        filters=() if predicate is None else equalities(predicate),
        matches=compile_predicate(predicate).function,
        positions=positions,
        is_count=isinstance(syntax.projection, CountSyntax),
        limit=_limit(syntax.limit),
    )


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(read_literal(text, Primitive.U64))
    except ValueError:
        raise invalid_literal(text, Primitive.U64) from None


def _projection(
    syntax: SelectSyntax, scope: Scope
) -> tuple[tuple[tuple[str, AlgebraicType], ...], tuple[int, ...] | None]:
    """Names, types and positions of the result's columns."""
    if isinstance(syntax.projection, CountSyntax):
        return ((syntax.projection.alias, Primitive.U64),), ()
    if isinstance(syntax.projection, StarSyntax):
        index = 0 if syntax.projection.table is None else scope.relation(syntax.projection.table)
        return tuple((column.name, column.type) for column in scope.relations[index].table.columns), None
    return _listed(syntax.projection, scope)


def _listed(
    items: tuple[ItemSyntax, ...], scope: Scope
) -> tuple[tuple[tuple[str, AlgebraicType], ...], tuple[int, ...]]:
    names: dict[str, tuple[AlgebraicType, int]] = {}
    for item in items:
        if item.alias in names:
            raise QueryError(f"Duplicate name `{item.alias}`")
        column = scope.column(item.column)
        names[item.alias] = column.type, column.position
    return tuple((name, type_) for name, (type_, _) in names.items()), tuple(p for _, p in names.values())

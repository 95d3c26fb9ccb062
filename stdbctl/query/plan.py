"""Plans: queries that are checked and compiled, ready to meet rows."""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from stdbctl.query.check import Relation, Scope, check_predicate
from stdbctl.query.compile import compile_predicate
from stdbctl.query.errors import NotSelect, QueryError, no_such_table
from stdbctl.query.expression import Column, Comparison, Constant, Expression, conjuncts
from stdbctl.query.parser import parse_select
from stdbctl.query.syntax import Operator, SelectSyntax, StarSyntax
from stdbctl.sats import Identity, Primitive
from stdbctl.schema import ModuleDef, TableDef

_ALL_TABLES = re.compile(r"\s*SELECT\s+\*\s+FROM\s+\*\s*", re.IGNORECASE)
_CACHED_CHARS_MAX = 4_096
_CACHED_PLANS_MAX = 4_096
_CACHED_MODULES_MAX = 8
Filters = tuple[tuple[int, Any], ...]
"""(column position, engine value), in the query's order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A subscription to rows of one table.

    `table`: canonical name. `matches(row)`: whether a row (tuple in column order) belongs to the result.
    `key`: plans with equal keys have equal results; the caller is part of it only where the query asks for `:sender`.
    `filters`: what a row must equal to belong; a row that does not can be passed over without `matches`.
    `is_whole_table`: every row belongs.
    """

    table: str
    is_event: bool
    matches: Callable[[tuple[Any, ...]], bool]
    key: Hashable
    filters: Filters
    is_whole_table: bool


def plan_subscription(sql: str, module: ModuleDef, caller: Identity, is_owner: bool) -> tuple[Plan, ...]:
    """Plan the query of a subscription: one plan, or one per table for `SELECT * FROM *`.

    The same text planned again gives the same plans, at the cost of a look-up.

    Raises:
        QueryError: with SpacetimeDB's text, the query behind it.

    Source: docs/sql.md.
    """
    cache = _plans_of(module)
    keys: tuple[Hashable, ...] = ((sql, is_owner, None), (sql, is_owner, caller))
    for key in keys:
        if key in cache:
            return cache[key]
    try:
        plans, uses_sender = _plan(sql, module, caller, is_owner)
    except NotSelect:
        raise QueryError("Unsupported: Non-SELECT queries").executing(sql) from None
    except QueryError as error:
        raise error.executing(sql) from None
    if len(sql) <= _CACHED_CHARS_MAX:
        if len(cache) >= _CACHED_PLANS_MAX:
            cache.clear()
        cache[keys[uses_sender]] = plans
    return plans


def plan_one_off(sql: str, module: ModuleDef, caller: Identity, is_owner: bool) -> Plan:
    """Plan a client's one-off query: whole rows of one table, as in a subscription, for clients decode them as such.

    Raises:
        QueryError: with SpacetimeDB's text.

    Source: docs/sql.md.
    """
    try:
        return _plan_one(sql, module, caller, is_owner)[0]
    except NotSelect:
        raise QueryError("Unsupported: Non-SELECT queries") from None


_caches: "OrderedDict[int, tuple[ModuleDef, dict[Hashable, tuple[Plan, ...]]]]" = OrderedDict()
"""By the module's id; the module is held, so that its id stays its own."""


def _plans_of(module: ModuleDef) -> dict[Hashable, tuple[Plan, ...]]:
    """The plans made for this very module: comparing or hashing a whole definition would cost more than planning."""
    if (found := _caches.get(id(module))) is not None:
        return found[1]
    while len(_caches) >= _CACHED_MODULES_MAX:
        _caches.popitem(last=False)
    plans: dict[Hashable, tuple[Plan, ...]] = {}
    _caches[id(module)] = (module, plans)
    return plans


def _plan(sql: str, module: ModuleDef, caller: Identity, is_owner: bool) -> tuple[tuple[Plan, ...], bool]:
    """The plans, and whether they depend on the caller."""
    if not sql.strip():
        raise QueryError("SubscriptionError: Empty string")
    if _ALL_TABLES.fullmatch(sql):
        visible = [table for table in module.tables if (table.is_public or is_owner) and not table.is_event]
        return tuple(_make_plan(table, None) for table in visible), False
    plan, uses_sender = _plan_one(sql, module, caller, is_owner)
    return (plan,), uses_sender


def _plan_one(sql: str, module: ModuleDef, caller: Identity, is_owner: bool) -> tuple[Plan, bool]:
    syntax = parse_select(sql)
    if syntax.limit is not None:
        raise QueryError(f"Unsupported: LIMIT {syntax.limit}")
    if len(syntax.relations) > 1:
        raise _unsupported_join(syntax)
    scope = Scope(relations_of(syntax, module, is_owner), module.typespace, caller)
    predicate = check_predicate(syntax.where, scope) if syntax.where else None
    _check_projection(syntax, scope)
    return _make_plan(scope.relations[0].table, predicate), syntax.uses_sender


def _unsupported_join(syntax: SelectSyntax) -> QueryError:
    if len(syntax.relations) > 2:
        return QueryError(f"Invalid number of tables in subscription: {len(syntax.relations)}")
    names = " and ".join(f"`{relation.table}`" for relation in syntax.relations)
    return QueryError(f"Unsupported: JOIN in a subscription; subscribe to {names} one by one")


def relations_of(syntax: SelectSyntax, module: ModuleDef, is_owner: bool) -> tuple[Relation, ...]:
    """The tables of the FROM clause, by canonical name or accessor; private ones exist for the owner only."""
    relations: list[Relation] = []
    for relation in syntax.relations:
        table = module.table(relation.table)
        if table is None or not (table.is_public or is_owner):
            raise no_such_table(relation.table)
        if any(other.alias == relation.alias for other in relations):
            raise QueryError(f"Duplicate name `{relation.alias}`")
        relations.append(Relation(relation.alias, table))
    return tuple(relations)


def _check_projection(syntax: SelectSyntax, scope: Scope) -> None:
    if not isinstance(syntax.projection, StarSyntax):
        raise QueryError(
            "Column projections are not supported in subscriptions; Subscriptions must return a table type"
        )
    if syntax.projection.table is not None:
        scope.relation(syntax.projection.table)


def _make_plan(table: TableDef, predicate: Expression | None) -> Plan:
    compiled = compile_predicate(predicate)
    return Plan(
        table=table.name,
        is_event=table.is_event,
        matches=compiled.function,
        key=(table.name, compiled.source, compiled.constants),
        filters=() if predicate is None else equalities(predicate),
        is_whole_table=predicate is None or (isinstance(predicate, Constant) and predicate.value is True),
    )


def equalities(predicate: Expression) -> Filters:
    """What a row of the first relation must equal to satisfy the predicate; floats never count (NaN, -0.0)."""
    found: list[tuple[int, Any]] = []
    for part in conjuncts(predicate):
        if isinstance(part, Column) and part.relation == 0:
            found.append((part.position, True))
        elif (
            isinstance(part, Comparison)
            and part.operator is Operator.EQ
            and isinstance(part.left, Column)
            and isinstance(part.right, Constant)
            and part.left.relation == 0
            and part.left.type not in (Primitive.F32, Primitive.F64)
        ):
            found.append((part.left.position, part.right.value))
    return tuple(found)

"""Queries that are answered once."""

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.results import QueryResult, QuerySetRows
from stdbctl.engine.subscriptions import matching_rows
from stdbctl.query import plan_one_off, plan_select
from stdbctl.sats import Identity, ProductElement, ProductType, compile_codec


def select_rows(live: Deployment, sql: str, identity: Identity, is_owner: bool, offset: int) -> QueryResult:
    """Run a SELECT over the rows as of `offset`; raises QueryError with SpacetimeDB's text."""
    select = plan_select(sql, live.module, identity, is_owner)
    table = live.table(select.table)
    rows = tuple(select.run(lambda _: [stored.row for stored in table.candidates(select.filters)]))
    row_type = ProductType(tuple(ProductElement(name, type_) for name, type_ in select.columns))
    encode = compile_codec(row_type, live.module.typespace).encode
    return QueryResult(select.table, select.columns, rows, tuple([encode(row) for row in rows]), offset)


def whole_rows(live: Deployment, sql: str, identity: Identity, is_owner: bool, offset: int) -> QuerySetRows:
    """Run a query as for a subscription: rows of exactly one table; raises QueryError with SpacetimeDB's text."""
    plan = plan_one_off(sql, live.module, identity, is_owner)
    rows = () if plan.is_event else matching_rows(plan, live.table(plan.table))
    return QuerySetRows(((plan.table, rows),), offset)

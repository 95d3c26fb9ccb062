"""The SQL subset: parse, type-check, plan, evaluate. Reference: docs/sql.md."""

from stdbctl.query.errors import QueryError
from stdbctl.query.plan import Plan, plan_one_off, plan_subscription
from stdbctl.query.select import Select, plan_select

__all__ = ["Plan", "QueryError", "Select", "plan_one_off", "plan_select", "plan_subscription"]

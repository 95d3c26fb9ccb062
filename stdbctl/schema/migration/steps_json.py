"""The steps of a plan as JSON, for programs: docs/migrations.md, "Plan as JSON", shows the shape."""

import re
from dataclasses import fields
from typing import Any  # Any: JSON data

from stdbctl.sats import AlgebraicType, type_text
from stdbctl.schema.definition import ColumnDef, TableDef, ViewDef
from stdbctl.schema.migration.plan import MigrationPlan
from stdbctl.schema.migration.steps import ColumnChange, RemoveTable, RemoveView, RewriteRows, Step
from stdbctl.schema.migration.types import inlined

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def steps_json(plan: MigrationPlan) -> list[dict[str, Any]]:
    """One object per step, in the order in which they run; types as text, with all references followed."""
    return [_step(plan, step) for step in plan.steps]


def _step(plan: MigrationPlan, step: Step) -> dict[str, Any]:
    module = plan.base if isinstance(step, RemoveTable | RemoveView) else plan.new

    def type_of(type_: AlgebraicType) -> str:
        return type_text(inlined(type_, module.typespace))

    def column(definition: ColumnDef) -> dict[str, str]:
        return {"name": definition.name, "type": type_of(definition.type)}

    def value(of: Any) -> Any:
        match of:
            case ColumnDef():
                return column(of)
            case ColumnChange():
                return {"name": of.column, "old_type": type_text(of.old_type), "new_type": type_text(of.new_type)}
            case TableDef():
                return {"public": of.is_public, "columns": [column(one) for one in of.columns]}
            case ViewDef():
                return {"public": of.is_public}
            case tuple():
                return [value(one) for one in of]
            case None | str() | bool() | int():
                return of
            case _:  # an index, constraint, sequence or schedule
                return of.name

    if isinstance(step, RewriteRows):
        columns = {"old_columns": step.old_columns, "new_columns": step.new_columns}
        typed = {
            key: [{"name": name, "type": type_text(type_)} for name, type_ in found] for key, found in columns.items()
        }
        return {"step": "rewrite_rows", "table": step.table, "function": step.function, **typed}
    shown = {field.name: value(getattr(step, field.name)) for field in fields(step)}
    return {"step": _WORD.sub("_", type(step).__name__).lower(), **shown}

"""What a function can have wrong about tables and rows. One class per rule.

Those that end in a `TypeError` or `KeyError` whenever the line runs refuse the module. `NotIndexed` and `WrongValue`
are refusals that a module may catch, so `stdbctl check` reports them and a server leaves them to the call.
"""

from stdbctl.module.problems import ModuleProblem


class AccessNotIndexed(ModuleProblem):
    """A `find`, `filter` or `delete` names columns that it cannot go by."""

    code = "module.not_indexed"
    what_text = "no {kind} of `{table}` covers {columns}"
    why_text = "`{method}` would raise `NotIndexed`: {reason}"
    fix_text = "{fix}"


class WrongValue(ModuleProblem):
    """A value can never be one of its column."""

    code = "module.wrong_value"
    what_text = "{given} cannot be in `{table}.{column}`"
    why_text = "the column holds `{type}`{range}"
    fix_text = "{fix}"


class NotATable(ModuleProblem):
    """`ctx.db` is asked for something that is no table."""

    code = "module.not_a_table"
    what_text = "{what}"
    why_text = "`ctx.db[…]` takes the class of a table, or what `table_of` returned"
    fix_text = "{fix}"


class WrongAccess(ModuleProblem):
    """A table has no such method, or its method is not called like this."""

    code = "module.wrong_access"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


class IncompleteRow(ModuleProblem):
    """A row is made without a column that has no default, or not by keywords."""

    code = "module.incomplete_row"
    what_text = "{what}"
    why_text = "{why}"
    fix_text = "{fix}"


CATCHABLE = (AccessNotIndexed, WrongValue)
"""The rules whose run-time error a module may catch."""

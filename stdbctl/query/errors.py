"""What a query gets told when it cannot be served."""

from stdbctl.errors import StdbctlError
from stdbctl.sats import AlgebraicType, type_text

FRAGMENT_CHARS_MAX = 120
"""How much of a query an error quotes: SpacetimeDB quotes as many when a query is too long."""


class QueryError(StdbctlError):
    """A query was refused. `text` reaches the client as it is; it is SpacetimeDB's own wherever that has one."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)

    def executing(self, sql: str) -> "QueryError":
        """The same error as subscriptions report it: with the query behind it."""
        return QueryError(f"{self.text}, executing: `{sql}`")


class NotSelect(QueryError):
    """The statement is no SELECT."""


def fragment(text: str) -> str:
    """Shorten a piece of a query so that an error can quote it on one line."""
    line = " ".join(text.split())
    return line if len(line) <= FRAGMENT_CHARS_MAX else line[:FRAGMENT_CHARS_MAX] + "..."


def unexpected_type(expected: AlgebraicType, inferred: AlgebraicType) -> QueryError:
    """Two sides of a comparison have different types."""
    return QueryError(f"Unexpected type: (expected) {type_text(expected)} != {type_text(inferred)} (inferred)")


def invalid_literal(text: str, type_: AlgebraicType) -> QueryError:
    """A literal cannot be read at the type of its column."""
    return QueryError(f"The literal expression `{text}` cannot be parsed as type `{type_text(type_)}`")


def invalid_operator(operator: str, type_: AlgebraicType) -> QueryError:
    """The type has no comparisons."""
    return QueryError(f"Invalid binary operator `{operator}` for type `{type_text(type_)}`")


def not_in_scope(name: str) -> QueryError:
    """A column, alias or qualifier that the query does not bring in."""
    return QueryError(f"`{name}` is not in scope")


def no_such_table(name: str) -> QueryError:
    """A table that does not exist, or that this caller may not see: the two must not be told apart."""
    return QueryError(f"no such table: `{name}`. If the table exists, it may be marked private.")

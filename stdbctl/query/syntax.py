"""What a SELECT says, before names and types are looked up. Plain frozen data.

A predicate is kept in postfix order (operands first, then their operator), so that neither reading nor checking it
recurses: how deep a query nests is then no matter of Python's stack.
"""

import enum
from dataclasses import dataclass


class Operator(enum.Enum):
    """The operators of a predicate; the value is the text in errors."""

    EQ = "="
    NE = "<>"
    LT = "<"
    GT = ">"
    LE = "<="
    GE = ">="
    AND = "AND"
    OR = "OR"

    @property
    def is_logical(self) -> bool:
        return self is Operator.AND or self is Operator.OR


class LiteralKind(enum.Enum):
    """The kinds of literals."""

    BOOL = "bool"
    NUMBER = "number"
    STRING = "string"
    HEX = "hex"


@dataclass(frozen=True, slots=True)
class LiteralSyntax:
    """A literal: its text without quotes, `0x` or `X''`; a number with its sign; `true` or `false`."""

    kind: LiteralKind
    text: str


@dataclass(frozen=True, slots=True)
class ColumnSyntax:
    """A column; `table` is its qualifier, dots included, or None."""

    table: str | None
    name: str


@dataclass(frozen=True, slots=True)
class SenderSyntax:
    """`:sender`, the caller's identity."""


Predicate = tuple[LiteralSyntax | ColumnSyntax | SenderSyntax | Operator, ...]
"""A predicate in postfix order."""


@dataclass(frozen=True, slots=True)
class RelationSyntax:
    """One table of the FROM clause; `alias` is its own name as written where none is given.

    `on`: the two columns that a JOIN equates, or None (the first table, a cross join).
    """

    table: str
    alias: str
    on: tuple[ColumnSyntax, ColumnSyntax] | None = None


@dataclass(frozen=True, slots=True)
class StarSyntax:
    """`*` or `t.*`."""

    table: str | None


@dataclass(frozen=True, slots=True)
class CountSyntax:
    """`COUNT(*) AS alias`."""

    alias: str


@dataclass(frozen=True, slots=True)
class ItemSyntax:
    """`column [AS alias]`; `alias` is the column's name as written where none is given."""

    column: ColumnSyntax
    alias: str


@dataclass(frozen=True, slots=True)
class SelectSyntax:
    """A whole SELECT; `where` is empty where the clause is missing."""

    projection: StarSyntax | CountSyntax | tuple[ItemSyntax, ...]
    relations: tuple[RelationSyntax, ...]
    where: Predicate = ()
    limit: str | None = None

    @property
    def uses_sender(self) -> bool:
        """Whether the answer depends on who asks."""
        return any(isinstance(part, SenderSyntax) for part in self.where)

"""A predicate after names and types are known: what the compiler turns into Python.

Chains of AND and of OR are flat, constants are engine values, and a comparison with a constant has its column on the
left, so that two spellings of one condition give one tree. Nodes are compared by identity: trees may be deep.
"""

from dataclasses import dataclass
from typing import Any

from stdbctl.query.syntax import Operator
from stdbctl.sats import AlgebraicType


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of one of the query's relations."""

    relation: int
    position: int
    type: AlgebraicType


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A literal or the caller, at the type that its context gave it."""

    value: Any  # an engine value of the type
    type: AlgebraicType


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """`left operator right`, both of one type; `right` alone may be constant."""

    operator: Operator
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Two or more conditions joined by one operator, AND or OR; none of them is a chain of that operator."""

    operator: Operator
    parts: "list[Expression]"


Expression = Column | Constant | Comparison | Chain


def conjuncts(expression: Expression) -> "tuple[Expression, ...]":
    """The conditions that must all hold."""
    if isinstance(expression, Chain) and expression.operator is Operator.AND:
        return tuple(expression.parts)
    return (expression,)

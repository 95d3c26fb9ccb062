"""Look up the names of a predicate, give every literal its type, and fold what is constant.

One pass over the postfix predicate with a stack; the rules and their texts are SpacetimeDB's.
"""

import operator as python_operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stdbctl.query.errors import QueryError, invalid_literal, invalid_operator, not_in_scope, unexpected_type
from stdbctl.query.expression import Chain, Column, Comparison, Constant, Expression
from stdbctl.query.literals import is_comparable, read_literal
from stdbctl.query.syntax import ColumnSyntax, LiteralKind, LiteralSyntax, Operator, Predicate, SenderSyntax
from stdbctl.sats import BYTES, IDENTITY, AlgebraicType, Identity, Primitive, Typespace
from stdbctl.schema import TableDef

BOOL = Primitive.BOOL
_MIRRORED = {Operator.LT: Operator.GT, Operator.GT: Operator.LT, Operator.LE: Operator.GE, Operator.GE: Operator.LE}
_FOLDS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: python_operator.eq,
    Operator.NE: python_operator.ne,
    Operator.LT: python_operator.lt,
    Operator.GT: python_operator.gt,
    Operator.LE: python_operator.le,
    Operator.GE: python_operator.ge,
}
_NUMBERS = frozenset(Primitive) - {Primitive.BOOL, Primitive.STRING}
_Untyped = LiteralSyntax | SenderSyntax
"""An operand whose type its context decides."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One table in scope under the name by which the query calls it."""

    alias: str
    table: TableDef


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of a query may mean, and who asks."""

    relations: Sequence[Relation]
    typespace: Typespace
    caller: Identity

    def column(self, syntax: ColumnSyntax) -> Column:
        """Find a column by canonical name or accessor; QueryError when it is not in scope."""
        index = self._relation(syntax)
        table = self.relations[index].table
        position = _column_position(table, syntax.name)
        if position is None:
            raise not_in_scope(syntax.name)
        return Column(index, position, self.typespace.resolve(table.columns[position].type))

    def relation(self, alias: str) -> int:
        """The position of the relation called `alias`; QueryError when there is none."""
        for index, relation in enumerate(self.relations):
            if relation.alias == alias:
                return index
        raise not_in_scope(alias)

    def _relation(self, syntax: ColumnSyntax) -> int:
        if syntax.table is not None:
            return self.relation(syntax.table)
        if len(self.relations) > 1:
            raise QueryError("Names must be qualified when using joins")
        return 0


def _column_position(table: TableDef, name: str) -> int | None:
    names = [column.name for column in table.columns]
    if name in names:
        return names.index(name)
    accessors = [column.accessor for column in table.columns]
    return accessors.index(name) if name in accessors else None


def check_predicate(predicate: Predicate, scope: Scope) -> Expression:
    """Check a predicate that is not empty; QueryError with SpacetimeDB's text.

    The result is a Bool: a comparison, a chain, a Bool column, or a Bool constant (the condition does not matter).
    """
    stack: list[Expression | _Untyped] = []
    for part in predicate:
        if isinstance(part, ColumnSyntax):
            stack.append(scope.column(part))
        elif isinstance(part, Operator):
            right, left = stack.pop(), stack.pop()
            stack.append(_join(part, left, right, scope) if part.is_logical else _compare(part, left, right, scope))
        else:
            stack.append(_typed_bool(part))
    return _at_type(stack.pop(), BOOL, scope)


def _typed_bool(operand: _Untyped) -> Constant | _Untyped:
    if isinstance(operand, LiteralSyntax) and operand.kind is LiteralKind.BOOL:
        return Constant(operand.text == "true", BOOL)
    return operand


def _type(expression: Expression) -> AlgebraicType:
    return expression.type if isinstance(expression, Column | Constant) else BOOL


def _at_type(operand: Expression | _Untyped, type_: AlgebraicType, scope: Scope) -> Expression:
    """Give the operand the type that its context expects; QueryError when it cannot have it."""
    if isinstance(operand, SenderSyntax):
        return _sender_at(type_, scope.caller)
    if isinstance(operand, LiteralSyntax):
        if operand.kind is LiteralKind.HEX and type_ in _NUMBERS:  # SpacetimeDB would read the digits as decimal ones
            raise invalid_literal(f"0x{operand.text}", type_)
        try:
            return Constant(read_literal(operand.text, type_), type_)
        except ValueError:
            raise invalid_literal(operand.text, type_) from None
    if _type(operand) != type_:
        raise unexpected_type(_type(operand), type_)
    return operand


def _sender_at(type_: AlgebraicType, caller: Identity) -> Constant:
    if type_ == IDENTITY:
        return Constant(caller, type_)
    if type_ == BYTES:
        return Constant(caller.data[::-1], type_)
    raise unexpected_type(IDENTITY, type_)


def _compare(operator: Operator, left: Expression | _Untyped, right: Expression | _Untyped, scope: Scope) -> Expression:
    if isinstance(left, LiteralSyntax | SenderSyntax | Constant):
        right = _by_itself(right, scope)
        left = _at_type(left, _type(right), scope)
    else:
        right = _at_type(right, _type(left), scope)
    if not is_comparable(_type(left)):
        raise invalid_operator(operator.value, _type(left))
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(_FOLDS[operator](left.value, right.value), BOOL)
    if isinstance(left, Constant):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    return Comparison(operator, left, right)


def _by_itself(operand: Expression | _Untyped, scope: Scope) -> Expression:
    """An operand that no context gives a type: the caller is an identity, a literal nothing."""
    if isinstance(operand, LiteralSyntax):
        raise QueryError("Cannot resolve type for literal expression")
    return _sender_at(IDENTITY, scope.caller) if isinstance(operand, SenderSyntax) else operand


def _join(operator: Operator, left: Expression | _Untyped, right: Expression | _Untyped, scope: Scope) -> Expression:
    """AND or OR of two conditions: flat, and without constants."""
    left, right = _at_type(left, BOOL, scope), _at_type(right, BOOL, scope)
    decisive = operator is Operator.OR
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Constant):
            return one if one.value is decisive else other
    if isinstance(left, Chain) and left.operator is operator:
        left.parts.extend(right.parts if isinstance(right, Chain) and right.operator is operator else [right])
        return left  # nothing else holds it: operands leave the stack for good
    return Chain(
        operator, [left, *(right.parts if isinstance(right, Chain) and right.operator is operator else [right])]
    )

"""Read the predicate of a WHERE clause into postfix order, with an explicit stack instead of recursion."""

from stdbctl.query.cursor import Cursor
from stdbctl.query.errors import QueryError
from stdbctl.query.syntax import ColumnSyntax, LiteralKind, LiteralSyntax, Operator, Predicate, SenderSyntax
from stdbctl.query.tokens import Token, TokenKind

_BINDING = {Operator.OR: 1, Operator.AND: 2} | {operator: 3 for operator in Operator if not operator.is_logical}
_COMPARISONS = {operator.value: operator for operator in Operator if not operator.is_logical}
_LITERALS = {
    TokenKind.NUMBER: LiteralKind.NUMBER,
    TokenKind.STRING: LiteralKind.STRING,
    TokenKind.HEX: LiteralKind.HEX,
}
_EXPRESSION_WORDS = ("NOT", "CASE", "CAST", "EXISTS", "SELECT", "ARRAY", "ANY", "ALL", "SOME", "ROW")
"""Words that begin an expression which SpacetimeDB does not have."""
_TEST_WORDS = ("IN", "BETWEEN", "LIKE", "ILIKE", "IS", "NOT", "SIMILAR", "REGEXP", "COLLATE", "AT", "OVERLAPS")
"""Words that continue an operand with a test which SpacetimeDB does not have."""
_CLAUSE_SYMBOLS = (",", ";")
_BRACKETS = (".", "[", "{", "::", "(")


def read_predicate(cursor: Cursor) -> Predicate:
    """Read from the cursor to the end of the predicate, wherever that is; QueryError for what cannot be."""
    return _PredicateReader(cursor).read()


class _PredicateReader:
    """Shunting-yard: operands go to `output` at once, operators wait in `pending` for their right operand."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.output: list[LiteralSyntax | ColumnSyntax | SenderSyntax | Operator] = []
        self.pending: list[Operator | Token] = []
        """Operators, and the opening parenthesis of each group that is still open."""
        self.operand_start = cursor.token

    def read(self) -> Predicate:
        self._read_operand()
        while self._read_operator():
            self._read_operand()
        self._settle(0)
        if self.pending:
            raise self.cursor.syntax_error("`)`")
        return tuple(self.output)

    def _read_operand(self) -> None:
        cursor = self.cursor
        while cursor.token.is_symbol("("):
            self.pending.append(cursor.take())
        self.operand_start = token = cursor.token
        if token.kind in _LITERALS:
            cursor.take()
            self.output.append(LiteralSyntax(_LITERALS[token.kind], token.value))
        elif token.kind is TokenKind.PARAMETER:
            self._read_parameter()
        elif token.is_keyword("TRUE", "FALSE"):
            self.output.append(LiteralSyntax(LiteralKind.BOOL, cursor.take().value.lower()))
        elif token.is_symbol("-") or token.is_symbol("+"):
            self._read_signed_number()
        else:
            self._read_column()

    def _read_parameter(self) -> None:
        token = self.cursor.take()
        if token.value != ":sender":
            raise QueryError(f"Unsupported literal expression: {token.value}; the only parameter is `:sender`")
        self.output.append(SenderSyntax())

    def _read_signed_number(self) -> None:
        sign = self.cursor.take()
        if self.cursor.token.kind is not TokenKind.NUMBER:
            raise self._unsupported(sign)
        self.output.append(LiteralSyntax(LiteralKind.NUMBER, sign.value + self.cursor.take().value))

    def _read_column(self) -> None:
        cursor, token = self.cursor, self.cursor.token
        if token.is_keyword("NULL"):
            raise QueryError("Unsupported literal expression: NULL")
        if token.is_keyword(*_EXPRESSION_WORDS) and not cursor.peek().is_symbol("."):
            raise self._unsupported(self._group_or(token) if token.is_keyword("SELECT") else token)
        if not token.is_name:
            raise cursor.syntax_error("an expression")
        *qualifiers, name = cursor.take_dotted_name("a column name")
        if any(cursor.token.is_symbol(symbol) for symbol in _BRACKETS):
            raise self._unsupported(token)
        self.output.append(ColumnSyntax(".".join(qualifiers) or None, name))

    def _read_operator(self) -> bool:
        """Read on to the next operator; False where the predicate ends."""
        cursor = self.cursor
        while cursor.token.is_symbol(")"):
            self._close_group()
        token = cursor.token
        operator = _COMPARISONS.get(token.value) if token.kind is TokenKind.SYMBOL else None
        if token.is_keyword("AND", "OR"):
            operator = Operator[token.value.upper()]
        if operator is None:
            self._check_end(token)
            return False
        cursor.take()
        self._settle(_BINDING[operator])
        self.pending.append(operator)
        return True

    def _close_group(self) -> None:
        self._settle(0)
        if not self.pending:
            raise self.cursor.syntax_error("end of statement")
        self.cursor.take()
        self.operand_start = self.pending.pop()  # type: ignore[assignment]  # what stops settling is the parenthesis

    def _settle(self, binding: int) -> None:
        """Output the pending operators that bind at least as tightly, up to the innermost open parenthesis."""
        while self.pending:
            operator = self.pending[-1]
            if not isinstance(operator, Operator) or _BINDING[operator] < binding:
                return
            self.pending.pop()
            self.output.append(operator)

    def _check_end(self, token: Token) -> None:
        if token.is_keyword(*_TEST_WORDS):
            raise self._unsupported(self.operand_start)
        if token.kind is TokenKind.SYMBOL and token.value not in _CLAUSE_SYMBOLS:
            raise QueryError(f"Unsupported binary operator: {token.value}")
        if token.is_symbol(",") and self.pending:
            raise self._unsupported(self._group_or(self.operand_start))

    def _group_or(self, token: Token) -> Token:
        """The parenthesis that was opened last and is still open, else `token`."""
        last = self.pending[-1] if self.pending else token
        return last if isinstance(last, Token) else token

    def _unsupported(self, start: Token) -> QueryError:
        return QueryError(f"Unsupported expression: {self.cursor.rest(start)}")

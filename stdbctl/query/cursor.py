"""A position in the tokens of one query, and the errors that point there."""

from stdbctl.query.errors import QueryError, fragment
from stdbctl.query.tokens import Token, TokenKind, place, tokenize


class Cursor:
    """Reads tokens one after the other; `token` is the next one, END for ever after the last."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._tokens = tokenize(sql)
        self._position = 0
        self.token = self._tokens[0]

    def take(self) -> Token:
        """Step over the next token and return it."""
        token = self.token
        if token.kind is not TokenKind.END:
            self._position += 1
            self.token = self._tokens[self._position]
        return token

    def peek(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def take_keyword(self, *words: str) -> bool:
        """Step over the next token if it is one of these keywords."""
        if found := self.token.is_keyword(*words):
            self.take()
        return found

    def take_symbol(self, symbol: str) -> bool:
        """Step over the next token if it is this punctuation."""
        if found := self.token.is_symbol(symbol):
            self.take()
        return found

    def take_name(self, expected: str) -> str:
        """Step over a name, quoted or not, and return it; a keyword is a name too where only a name can stand."""
        if not self.token.is_name:
            raise self.syntax_error(expected)
        return self.take().value

    def take_dotted_name(self, expected: str) -> tuple[str, ...]:
        """Step over `a.b.c`; a dot that a star follows is left alone."""
        parts = [self.take_name(expected)]
        while self.token.is_symbol(".") and not self.peek().is_symbol("*"):
            self.take()
            parts.append(self.take_name(expected))
        return tuple(parts)

    def rest(self, start: Token | None = None) -> str:
        """The text from `start` (default: the next token) to the end, short enough to be quoted."""
        return fragment(self.sql[(start or self.token).start :].rstrip("; \t\r\n"))

    def until(self, start: Token, end: Token) -> str:
        """The text from the first character of `start` to before `end`, short enough to be quoted."""
        return fragment(self.sql[start.start : end.start])

    def syntax_error(self, expected: str) -> QueryError:
        """Something else than `expected` comes next."""
        line, column = place(self.sql, self.token.start)
        found = fragment(self.sql[self.token.start : self.token.end]) or "EOF"
        return QueryError(f"sql parser error: Expected {expected}, found: {found} at Line: {line}, Column {column}")

"""Cut SQL text into tokens, by PostgreSQL's rules as far as SpacetimeDB's forms need them.

Identifiers keep their case, quoted or not. One regular expression does the cutting, so the cost is linear
in the text whatever it holds.
"""

import enum
import re
from dataclasses import dataclass

from stdbctl.query.errors import QueryError, fragment


class TokenKind(enum.Enum):
    """What a token is; the value is the name of its group in the expression below."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    HEX = "hex"
    PARAMETER = "parameter"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `value` is what it means (unquoted, unescaped); `start` and `end` place it in the text."""

    kind: TokenKind
    value: str
    start: int
    end: int

    def is_keyword(self, *words: str) -> bool:
        """Whether this is one of `words` (upper case), unquoted and in any case."""
        return self.kind is TokenKind.WORD and self.value.upper() in words

    def is_symbol(self, symbol: str) -> bool:
        """Whether this is the punctuation `symbol`."""
        return self.kind is TokenKind.SYMBOL and self.value == symbol

    @property
    def is_name(self) -> bool:
        return self.kind is TokenKind.WORD or self.kind is TokenKind.QUOTED


_TOKEN = re.compile(
    r"""
    (?P<space>   \s+ | --[^\n]* )
  | (?P<comment> /\* )
  | (?P<hex>     0[xX][0-9a-fA-F]+ | [xX]'[0-9a-fA-F]*' )
  | (?P<foreign> [eEbBnN]'(?:[^']|'')*' | [uU]&'(?:[^']|'')*' | \$\w*\$ )
  | (?P<number>  (?: \d+(?:\.\d*)? | \.\d+ ) (?: [eE][+-]?\d+ )? )
  | (?P<word>    [^\W\d][\w$]* )
  | (?P<quoted>  "(?:[^"]|"")*" )
  | (?P<string>  '(?:[^']|'')*' )
  | (?P<parameter> :[^\W\d]\w* | \$\d+ | \? )
  | (?P<symbol>  <> | != | <= | >= | \|\| | :: | -> | [-+*/%=<>(),.;^&|~@!\[\]{}:#] )
    """,
    re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def tokenize(sql: str) -> list[Token]:
    """All tokens of `sql`, ended by one END token; QueryError for text that no token can begin with."""
    tokens: list[Token] = []
    position = 0
    while position < len(sql):
        match = _TOKEN.match(sql, position)
        if match is None:
            raise _unreadable(sql, position)
        kind, text = match.lastgroup, match.group()
        position = match.end()
        if kind == "comment":
            position = _comment_end(sql, position)
        elif kind == "foreign":
            raise QueryError(f"Unsupported literal expression: {fragment(text)}")
        elif kind != "space":
            tokens.append(Token(TokenKind(kind), _meaning(kind, text), match.start(), position))
    tokens.append(Token(TokenKind.END, "EOF", len(sql), len(sql)))
    return tokens


def _meaning(kind: str | None, text: str) -> str:
    if kind == "quoted":
        return text[1:-1].replace('""', '"')
    if kind == "string":
        return text[1:-1].replace("''", "'")
    if kind == "hex":
        return text[2:-1] if text[0] in "xX" else text[2:]
    if text == "!=":
        return "<>"
    return text


def _comment_end(sql: str, position: int) -> int:
    """The end of a block comment whose `/*` ends at `position`; comments nest."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(sql, position):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    raise QueryError("sql parser error: Unexpected EOF while in a multi-line comment")


def _unreadable(sql: str, position: int) -> QueryError:
    line, column = place(sql, position)
    if sql[position] in "\"'":
        return QueryError(f"sql parser error: Unterminated string literal at Line: {line}, Column {column}")
    return QueryError(f"sql parser error: Unexpected character `{sql[position]}` at Line: {line}, Column {column}")


def place(sql: str, position: int) -> tuple[int, int]:
    """Line and column of a position, both from 1."""
    return sql.count("\n", 0, position) + 1, position - sql.rfind("\n", 0, position)

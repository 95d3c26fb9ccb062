"""Read a SELECT statement, in the forms that SpacetimeDB serves. The grammar stands in docs/sql.md."""

import functools

from stdbctl.query.cursor import Cursor
from stdbctl.query.errors import NotSelect, QueryError
from stdbctl.query.predicate import read_predicate
from stdbctl.query.syntax import (
    ColumnSyntax,
    CountSyntax,
    ItemSyntax,
    RelationSyntax,
    SelectSyntax,
    StarSyntax,
)
from stdbctl.query.tokens import Token, TokenKind

SQL_BYTES_MAX = 50_000
"""SpacetimeDB's limit on the text of one query."""

_CACHED_CHARS_MAX = 4_096
_CHANGE_WORDS = ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "MERGE", "SET", "TRUNCATE", "UPDATE")
_OTHER_WORDS = (
    "BEGIN",
    "CALL",
    "COMMIT",
    "COPY",
    "EXPLAIN",
    "GRANT",
    "REVOKE",
    "ROLLBACK",
    "SHOW",
    "START",
    "TABLE",
    "VALUES",
    "WITH",
)
_CLAUSE_WORDS = ("GROUP", "HAVING", "WINDOW", "ORDER", "OFFSET", "FETCH", "FOR")
_SET_WORDS = ("UNION", "EXCEPT", "INTERSECT")
_JOIN_WORDS = ("JOIN", "INNER", "CROSS", "LEFT", "RIGHT", "FULL", "NATURAL", "OUTER")
_AFTER_TABLE_WORDS = ("WHERE", "LIMIT", "ON", "USING", *_CLAUSE_WORDS, *_SET_WORDS, *_JOIN_WORDS)
"""Words that cannot be an alias unless they are quoted."""


def parse_select(sql: str) -> SelectSyntax:
    """Read one SELECT statement; cached for texts of ordinary length.

    Raises:
        NotSelect: a statement of another kind.
        QueryError: too long, malformed, or a form that is not served; the text names the fragment.
    """
    if len(sql) <= _CACHED_CHARS_MAX:
        return _parse_cached(sql)
    if len(sql.encode("utf-8", "surrogatepass")) > SQL_BYTES_MAX:
        raise QueryError(f'SQL query exceeds maximum allowed length: "{sql[:120]}..."')
    return _parse(sql)


def _parse(sql: str) -> SelectSyntax:
    cursor = Cursor(sql)
    _begin_select(cursor)
    projection = _read_projection(cursor)
    if not cursor.take_keyword("FROM"):
        raise _missing_from(cursor)
    relations = _read_relations(cursor)
    where = read_predicate(cursor) if cursor.take_keyword("WHERE") else ()
    limit = _read_limit(cursor) if cursor.take_keyword("LIMIT") else None
    _end_statement(cursor)
    return SelectSyntax(projection, relations, where, limit)


_parse_cached = functools.lru_cache(maxsize=1_024)(_parse)


def _begin_select(cursor: Cursor) -> None:
    while cursor.take_symbol(";"):
        pass
    token = cursor.token
    if token.kind is TokenKind.END:
        raise QueryError("Empty SQL query")
    if token.is_keyword(*_CHANGE_WORDS, *_OTHER_WORDS) or token.is_symbol("("):
        raise NotSelect(f"Unsupported: {cursor.rest()}")
    if not cursor.take_keyword("SELECT"):
        raise cursor.syntax_error("an SQL statement")
    if cursor.token.is_keyword("DISTINCT", "ALL") and not cursor.peek().is_symbol("."):
        raise QueryError(f"Unsupported SELECT: {cursor.rest(token)}")


def _missing_from(cursor: Cursor) -> QueryError:
    if cursor.token.kind is TokenKind.END or cursor.token.is_symbol(";"):
        return QueryError("A FROM clause is required")
    if cursor.token.is_keyword("INTO"):
        return QueryError(f"Unsupported SELECT: {cursor.rest()}")
    return cursor.syntax_error("FROM")


def _read_projection(cursor: Cursor) -> StarSyntax | CountSyntax | tuple[ItemSyntax, ...]:
    first = _read_item(cursor)
    if not cursor.token.is_symbol(","):
        return first if isinstance(first, StarSyntax | CountSyntax) else (first,)
    items = [_only_column(first)]
    while cursor.take_symbol(","):
        items.append(_only_column(_read_item(cursor)))
    return tuple(items)


def _only_column(item: StarSyntax | CountSyntax | ItemSyntax) -> ItemSyntax:
    """Refuse what can only stand alone."""
    if isinstance(item, StarSyntax):
        raise QueryError("Mixed wildcard projections are not supported")
    if isinstance(item, CountSyntax):
        raise QueryError("Unsupported projection expression: COUNT(*)")
    return item


def _read_item(cursor: Cursor) -> StarSyntax | CountSyntax | ItemSyntax:
    start = cursor.token
    if cursor.take_symbol("*"):
        return StarSyntax(None)
    if start.is_name and cursor.peek().is_symbol("("):
        return _read_count(cursor)
    if not start.is_name or start.is_keyword("TRUE", "FALSE", "NULL", "NOT", "CASE"):
        raise _unsupported_item(cursor, start, "projection expression")
    if start.is_keyword("FROM"):
        raise cursor.syntax_error("an expression")
    *qualifiers, name = cursor.take_dotted_name("a column name")
    if cursor.take_symbol("."):
        cursor.take()
        return StarSyntax(".".join([*qualifiers, name]))
    column = ColumnSyntax(".".join(qualifiers) or None, name)
    alias = _read_alias(cursor, ("FROM", "INTO")) or name
    if not (cursor.token.is_symbol(",") or cursor.token.is_keyword("FROM", "INTO") or _is_end(cursor.token)):
        raise _unsupported_item(cursor, start, "projection expression")
    return ItemSyntax(column, alias)


def _read_count(cursor: Cursor) -> CountSyntax:
    start = cursor.token
    is_count = start.value.lower() == "count"
    cursor.take()
    cursor.take()
    if not (is_count and cursor.take_symbol("*") and cursor.take_symbol(")")):
        raise _unsupported_item(cursor, start, "aggregate function")
    alias = _read_alias(cursor, ("FROM",))
    if alias is None:
        raise QueryError("Aggregate expressions must have column aliases")
    return CountSyntax(alias)


def _unsupported_item(cursor: Cursor, start: Token, kind: str) -> QueryError:
    """Name the whole item: up to the next comma outside parentheses, or FROM."""
    depth = 0
    while not (
        _is_end(cursor.token) or (depth <= 0 and (cursor.token.is_symbol(",") or cursor.token.is_keyword("FROM")))
    ):
        depth += cursor.token.is_symbol("(") - cursor.token.is_symbol(")")
        cursor.take()
    if cursor.token is start:
        return cursor.syntax_error("an expression")
    return QueryError(f"Unsupported {kind}: {cursor.until(start, cursor.token)}")


def _read_alias(cursor: Cursor, reserved: tuple[str, ...]) -> str | None:
    if cursor.take_keyword("AS"):
        return cursor.take_name("an identifier after AS")
    if cursor.token.is_name and not cursor.token.is_keyword(*reserved):
        return cursor.take().value
    return None


def _read_relations(cursor: Cursor) -> tuple[RelationSyntax, ...]:
    relations = [RelationSyntax(*_read_table(cursor))]
    while cursor.token.is_keyword(*_JOIN_WORDS):
        relations.append(_read_join(cursor))
    if cursor.token.is_symbol(","):
        raise QueryError("Implicit joins are not supported")
    return tuple(relations)


def _read_table(cursor: Cursor) -> tuple[str, str]:
    """A table and its alias."""
    if cursor.token.is_symbol("("):
        raise QueryError(f"Unsupported FROM expression: {cursor.rest()}")
    start = cursor.token
    table = ".".join(cursor.take_dotted_name("a table name"))
    if cursor.token.is_symbol("("):
        raise QueryError(f"Unsupported FROM expression: {cursor.rest(start)}")
    alias = _read_alias(cursor, _AFTER_TABLE_WORDS)
    return table, table if alias is None else alias


def _read_join(cursor: Cursor) -> RelationSyntax:
    if cursor.take_keyword("CROSS"):
        if not cursor.take_keyword("JOIN"):
            raise cursor.syntax_error("JOIN")
        return RelationSyntax(*_read_table(cursor))
    cursor.take_keyword("INNER")
    if not cursor.take_keyword("JOIN"):
        raise QueryError("Non-inner joins are not supported")
    table, alias = _read_table(cursor)
    if cursor.token.is_keyword("USING"):
        raise QueryError(f"Unsupported JOIN condition: {cursor.rest()}")
    on = _read_equality(cursor) if cursor.take_keyword("ON") else None
    return RelationSyntax(table, alias, on)


def _read_equality(cursor: Cursor) -> tuple[ColumnSyntax, ColumnSyntax]:
    """`a.x = b.y`, the only condition of a join."""
    start = cursor.token
    predicate = read_predicate(cursor)
    match predicate:
        case (ColumnSyntax() as left, ColumnSyntax() as right, operator) if operator.value == "=":  # type: ignore[union-attr]
            return left, right
    raise QueryError(
        f"Unsupported JOIN condition: {cursor.until(start, cursor.token)}; join two columns with `=`, the rest in WHERE"
    )


def _read_limit(cursor: Cursor) -> str:
    if cursor.token.kind is not TokenKind.NUMBER or not (_is_end(cursor.peek()) or cursor.peek().is_keyword("OFFSET")):
        raise QueryError(f"Unsupported LIMIT expression: {cursor.rest()}")
    return cursor.take().value


def _is_end(token: Token) -> bool:
    return token.kind is TokenKind.END or token.is_symbol(";")


def _end_statement(cursor: Cursor) -> None:
    token = cursor.token
    if token.is_keyword(*_CLAUSE_WORDS):
        raise QueryError(f"Unsupported: {cursor.rest()}")
    if token.is_keyword(*_SET_WORDS):
        raise QueryError(f"Unsupported set operation: {cursor.rest()}")
    is_ended = token.kind is TokenKind.END
    while cursor.take_symbol(";"):
        is_ended = True
    if not is_ended:
        raise cursor.syntax_error("end of statement")
    if cursor.token.kind is not TokenKind.END:
        raise QueryError("Multiple SQL statements are not supported")

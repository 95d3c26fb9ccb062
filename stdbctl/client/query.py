"""Typed queries: Python expressions that become the SQL of subscriptions.

`tables.point.where(color="#f00")`, `tables.point.where(lambda p: (p.x > 5.0) & ~(p.color == "#f00"))`,
`tables.point.right_semijoin(tables.player, lambda point, player: point.owner == player.identity)`.
The server's SQL has no NOT; a negated condition is written with the opposite comparisons.
"""

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, Self, TypeAlias, TypeVar, overload

from stdbctl.client.remote import RemoteTable
from stdbctl.sats import ConnectionId, Identity, Timestamp, Uuid

Row = TypeVar("Row")
RightRow = TypeVar("RightRow")
RightC = TypeVar("RightC", bound="Columns")
C = TypeVar("C", bound="Columns")
T = TypeVar("T")


class Unset(enum.Enum):
    """The type of `UNSET`, which stands where no value was given."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset.UNSET


def quoted(name: str) -> str:
    """A name in SQL; the parts of a dotted one each for itself."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


def literal(value: object) -> str:
    """A value in SQL.

    Raises:
        TypeError: SQL has no literal for such a value.
        ValueError: a float that is no number.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(int(value))
        case float():
            if not math.isfinite(value):
                raise ValueError(f"SQL has no literal for {value!r}")
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes():
            return "0x" + value.hex()
        case Identity() | ConnectionId():
            return "0x" + value.to_hex()
        case Uuid():
            return f"0x{value.to_int():032x}"
        case Timestamp():
            return f"'{value.to_datetime().isoformat(timespec='microseconds').replace('+00:00', 'Z')}'"
    raise TypeError(
        f"SQL has no literal for {type(value).__name__} {value!r}; subscriptions compare bool, int, float, str, bytes,"
        " Identity, ConnectionId, Uuid and Timestamp"
    )


class Condition:
    """What rows must satisfy. Combine with `&`, `|` and `~`; `and`, `or` and `not` cannot be overridden in Python."""

    __slots__ = ()

    def sql(self) -> str:
        """The condition as SQL."""
        raise NotImplementedError

    def negated(self) -> "Condition":
        """Its opposite."""
        raise NotImplementedError

    def __and__(self, other: "Condition") -> "Condition":
        return Both(self, "AND", other)

    def __or__(self, other: "Condition") -> "Condition":
        return Both(self, "OR", other)

    def __invert__(self) -> "Condition":
        return self.negated()

    def __bool__(self) -> bool:
        raise TypeError("a condition has no truth value here; write `&`, `|`, `~` for `and`, `or`, `not`")


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """`"table"."column" operator literal`."""

    left: str
    operator: str
    right: str

    def sql(self) -> str:
        return f"{self.left} {self.operator} {self.right}"

    def negated(self) -> Condition:
        return Comparison(self.left, _OPPOSITE[self.operator], self.right)


@dataclass(frozen=True, slots=True)
class Both(Condition):
    """Two conditions, joined by AND or OR."""

    first: Condition
    word: str
    second: Condition

    def sql(self) -> str:
        return f"({self.first.sql()} {self.word} {self.second.sql()})"

    def negated(self) -> Condition:
        return Both(self.first.negated(), "OR" if self.word == "AND" else "AND", self.second.negated())


@dataclass(frozen=True, slots=True)
class Join:
    """The equality of two columns of two tables."""

    left: str
    right: str


class Column(Generic[T]):
    """A column in a condition: compare it with a value of its type, or for a semijoin with another column."""

    __slots__ = ("_sql",)

    def __init__(self, table: str, name: str) -> None:
        self._sql = f"{quoted(table)}.{quoted(name)}"

    def sql(self) -> str:
        """The column as SQL."""
        return self._sql

    @overload  # type: ignore[override]  # a condition instead of a bool is the point
    def __eq__(self, other: "Column[T]") -> Join: ...  # type: ignore[overload-overlap]  # no column holds columns
    @overload
    def __eq__(self, other: T) -> Condition: ...
    def __eq__(self, other: object) -> Join | Condition:
        if isinstance(other, Column):
            return Join(self._sql, other.sql())
        return Comparison(self._sql, "=", literal(other))

    def __ne__(self, other: T) -> Condition:  # type: ignore[override]  # as above
        return Comparison(self._sql, "<>", literal(other))

    def __lt__(self, other: T) -> Condition:
        return Comparison(self._sql, "<", literal(other))

    def __le__(self, other: T) -> Condition:
        return Comparison(self._sql, "<=", literal(other))

    def __gt__(self, other: T) -> Condition:
        return Comparison(self._sql, ">", literal(other))

    def __ge__(self, other: T) -> Condition:
        return Comparison(self._sql, ">=", literal(other))

    __hash__ = None  # type: ignore[assignment]  # equality is no equality here


class Columns:
    """The columns of one table, under the names of its row's fields; generated code declares their types."""

    def __init__(self, table: RemoteTable[Any]) -> None:
        for field, element in zip(fields(table.row_class), table.row.elements, strict=True):
            setattr(self, field.name, Column[Any](table.name, element.name or ""))


Where: TypeAlias = Condition | Callable[[C], Condition]
"""What `where` takes: a condition, or a function from a table's columns to one."""


@dataclass(frozen=True, slots=True)
class Query(Generic[Row]):
    """A query whose rows are those of one table: what `subscribe` and `query` take, beside SQL text."""

    text: str

    def sql(self) -> str:
        """The query as SQL."""
        return self.text


class TableQuery(Generic[Row, C]):
    """A table, and conditions that its rows must satisfy; generated code gives `where` its typed keywords.

    Immutable: every method returns a new query.
    """

    __slots__ = ("_conditions", "_table", "columns")

    def __init__(self, table: RemoteTable[Row], columns: type[C], conditions: tuple[Condition, ...] = ()) -> None:
        self._table, self._conditions = table, conditions
        self.columns = columns(table)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.sql()}>"

    def sql(self) -> str:
        """The query as SQL."""
        where = " AND ".join(condition.sql() for condition in self._conditions)
        return f"SELECT * FROM {quoted(self._table.name)}{' WHERE ' if where else ''}{where}"

    def left_semijoin(self, right: "TableQuery[RightRow, RightC]", on: Callable[[C, RightC], Join], /) -> Query[Row]:
        """The rows of this table that have a partner in `right`; both tables' conditions hold."""
        return Query(self._join(self, right, on(self.columns, right.columns)))

    def right_semijoin(
        self, right: "TableQuery[RightRow, RightC]", on: Callable[[C, RightC], Join], /
    ) -> Query[RightRow]:
        """The rows of `right` that have a partner in this table; both tables' conditions hold."""
        return Query(self._join(right, right, on(self.columns, right.columns)))

    def _join(self, wanted: "TableQuery[Any, Any]", right: "TableQuery[Any, Any]", join: Join) -> str:
        where = " AND ".join(condition.sql() for condition in (*self._conditions, *right._conditions))
        return (
            f"SELECT {quoted(wanted._table.name)}.* FROM {quoted(self._table.name)} JOIN {quoted(right._table.name)}"
            f" ON {join.left} = {join.right}{' WHERE ' if where else ''}{where}"
        )

    def _where(self, condition: Where[C] | None, /, **equal: object) -> Self:
        """Add a condition, and equality with every given keyword. For generated code."""
        added = [] if condition is None else [condition(self.columns) if callable(condition) else condition]
        added += [getattr(self.columns, name) == value for name, value in equal.items() if value is not UNSET]
        made = object.__new__(type(self))
        made._table, made.columns, made._conditions = self._table, self.columns, (*self._conditions, *added)
        return made


QueryLike: TypeAlias = "str | Query[Any] | TableQuery[Any, Any]"
"""SQL text or a typed query."""


def query_text(query: QueryLike) -> str:
    """The SQL of a query. Raises TypeError: it is none."""
    if isinstance(query, str):
        return query
    if isinstance(query, TableQuery | Query):
        return query.sql()
    raise TypeError(f"a query is SQL text or made from `tables`, such as `tables.point.where(…)`; got {query!r}")

"""Random queries: their SQL, and which rows of the model they hold."""

import math
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .declared import Column
from .reference import Reference, Row, TableModel

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_COMPARABLE = ("u8", "i16", "u64", "i128", "u256", "f32", "f64", "bool", "str", "bytes", "identity")


@dataclass(frozen=True, slots=True)
class Term:
    """`column op value`."""

    column: Column
    op: str
    value: Any

    def sql(self) -> str:
        """As a query says it."""
        return f'"{self.column.name}" {self.op} {_literal(self.column.kind_name, self.value)}'

    def holds(self, table: TableModel, row: Row) -> bool:
        """Whether a row has it."""
        (key,) = table.keys(row, (self.column.name,))
        return _COMPARE[self.op](key, self.column.kind.sort(self.value))


@dataclass(frozen=True, slots=True)
class Question:
    """SELECT * FROM `table` WHERE any of `cases`, in each of which all terms hold; no case: all rows."""

    table: str
    cases: tuple[tuple[Term, ...], ...] = ()

    def sql(self) -> str:
        """The query."""
        if not self.cases:
            return f"SELECT * FROM {self.table}"
        cases = " OR ".join("(" + " AND ".join(term.sql() for term in case) + ")" for case in self.cases)
        return f"SELECT * FROM {self.table} WHERE {cases}"

    def rows(self, reference: Reference) -> list[bytes]:
        """BSATN of the rows that it holds."""
        table = reference.tables[self.table]
        return [table.declared.encode(row) for row in table.scan() if self.holds(table, row)]

    def holds(self, table: TableModel, row: Row) -> bool:
        """Whether a row is in it."""
        return not self.cases or any(all(term.holds(table, row) for term in case) for case in self.cases)


def random_question(rng: random.Random, reference: Reference) -> Question:
    """A query over one table, with up to 3 cases of up to 2 terms."""
    table = rng.choice(list(reference.tables.values()))
    columns = [column for column in table.declared.columns if column.kind_name in _COMPARABLE]
    shape = rng.choice(((), (1,), (1,), (2,), (1, 1), (2, 1, 1)))
    return Question(table.declared.name, tuple(tuple(_term(rng, columns) for _ in range(size)) for size in shape))


def _term(rng: random.Random, columns: list[Column]) -> Term:
    column = rng.choice(columns)
    value = column.kind.pick(rng)
    while isinstance(value, float) and not math.isfinite(value):
        value = column.kind.pick(rng)
    return Term(column, rng.choice(("=", "=", "=", *_COMPARE)) if column.kind_name != "bool" else "=", value)


def _literal(kind: str, value: Any) -> str:
    match kind:
        case "bool":
            return "TRUE" if value else "FALSE"
        case "str":
            return "'" + str(value).replace("'", "''") + "'"
        case "bytes":
            return f"X'{value.hex()}'"
        case "identity":
            return f"0x{value:064x}"
        case _:
            return repr(value)

"""What the rules of a table say when a call breaks them. Authors may catch them; uncaught, they refuse the call."""

from stdbctl.errors import ReducerError
from stdbctl.records.access import Row


class UniqueViolation(ReducerError):
    """An insert or update would give two rows the same unique value.

    `row`: what was refused, for hosts whose authors write values in another way.
    """

    def __init__(self, *, table: str, index: str, columns: tuple[str, ...], value: str, row: Row | None = None) -> None:
        self.table, self.index, self.columns, self.value, self.row = table, index, columns, value, row
        names = ", ".join(f'"{c}"' for c in columns)
        super().__init__(
            f"Unique constraint violation '{index}' in table '{table}': column(s): '[{names}]' value: {value}"
        )


class NumbersExhausted(UniqueViolation):
    """An auto-increment column has no number left: rows hold every one. `low`, `high`: the range of the numbers."""

    def __init__(self, *, table: str, column: str, low: int, high: int) -> None:
        self.table, self.index, self.columns, self.value, self.row = table, "", (column,), "0", None
        self.low, self.high = low, high
        ReducerError.__init__(
            self,
            f"auto-increment of `{table}.{column}` has no number left: rows hold every one from {low} to {high}; "
            "delete rows, or give the column a wider type",
        )


class RowNotFound(ReducerError):
    """An update names a primary key that no row has."""

    def __init__(self, *, table: str, column: str, value: str) -> None:
        self.table, self.column, self.value = table, column, value
        super().__init__(f"no row of `{table}` has {column} = {value}")


class NotIndexed(ReducerError):
    """A filter or delete names columns that no index covers, or a find columns that are not unique together."""

    def __init__(self, *, table: str, columns: tuple[str, ...], fix: str, kind: str = "index") -> None:
        self.table, self.columns, self.kind, self.advice = table, columns, kind, fix
        names = ", ".join(f"`{c}`" for c in columns)
        super().__init__(f"no {kind} of `{table}` covers {names}; {fix}")


class InvalidValue(ReducerError):
    """A value does not fit its column: wrong type, out of range, or text that is not valid Unicode.

    `inside`: where in the value, as Python would reach it: `[2].radius`, empty for the whole.
    """

    def __init__(self, *, table: str, column: str, expected: str, given: str, inside: str = "") -> None:
        self.table, self.column, self.inside, self.expected, self.given = table, column, inside, expected, given
        super().__init__(f"`{table}.{column}{inside}` expects {expected}, got {given}")

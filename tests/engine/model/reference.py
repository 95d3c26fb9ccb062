"""The model: tables as lists of rows, every rule the slow and obvious way."""

import copy
from dataclasses import dataclass, field
from typing import Any

from .declared import Column, Columns, Declared

Row = tuple[Any, ...]
Chosen = tuple[tuple[str, Any], ...]
"""(column, value); the last value may be a `Range`."""


@dataclass(frozen=True, slots=True)
class Range:
    """`name`: as a module's author writes it. `ends`: one value, or two for `between`."""

    name: str
    ends: tuple[Any, ...]

    def holds(self, key: Any, keys: tuple[Any, ...]) -> bool:
        """Whether a value lies in it, both as their sort keys."""
        match self.name:
            case "at_least":
                return bool(key >= keys[0])
            case "above":
                return bool(key > keys[0])
            case "at_most":
                return bool(key <= keys[0])
            case "below":
                return bool(key < keys[0])
            case _:
                return bool(keys[0] <= key <= keys[1])


class Broken(Exception):
    """A rule of a table; its text is the name of the exception that the module's author sees."""


@dataclass
class TableModel:
    """One table. `numbers`: the next number of each auto-increment column."""

    declared: Declared
    rows: list[Row] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column in self.declared.columns:
            if column.is_auto:
                self.numbers.setdefault(column.name, 1)

    # --- reading

    def scan(self) -> list[Row]:
        """All rows in the table's order."""
        return sorted(self.rows, key=self._order)

    def find(self, chosen: Chosen) -> Row | None:
        """The one row with these values."""
        found = [row for row in self.rows if self._fits(row, chosen)]
        assert len(found) <= 1, "the columns are unique"
        return found[0] if found else None

    def filter(self, chosen: Chosen, index: Columns) -> list[Row]:
        """The rows that fit, in the order of an index."""
        return [row for row in sorted(self.scan(), key=lambda row: self.keys(row, index)) if self._fits(row, chosen)]

    def _fits(self, row: Row, chosen: Chosen) -> bool:
        return all(self._column_fits(row, name, value) for name, value in chosen)

    def _column_fits(self, row: Row, name: str, value: Any) -> bool:
        sort = self._column(name).kind.sort
        (key,) = self.keys(row, (name,))
        if isinstance(value, Range):
            return value.holds(key, tuple(map(sort, value.ends)))
        return bool(key == sort(value))

    def _column(self, name: str) -> Column:
        return self.declared.columns[self.declared.place(name)]

    def keys(self, row: Row, columns: Columns) -> tuple[Any, ...]:
        """The sort keys of some columns."""
        return tuple(self._column(name).kind.sort(row[self.declared.place(name)]) for name in columns)

    def _order(self, row: Row) -> Any:
        key = self.declared.key
        return self.declared.encode(row) if key is None else self.keys(row, (key,))

    def _equal(self, row: Row) -> Row | None:
        data = self.declared.encode(row)
        return next((other for other in self.rows if self.declared.encode(other) == data), None)

    # --- writing

    def insert(self, row: Row) -> Row:
        """Number, then look for the equal row, then for clashes."""
        row = self._numbered(row)
        equal = self._equal(row)
        if equal is not None:
            return equal
        self._refuse_clash(row, None)
        self.rows.append(row)
        return row

    def update(self, row: Row) -> Row:
        """Replace the row with the same key."""
        old = self._keyed(row)
        if old is None:
            raise Broken("RowNotFound")
        row = self._numbered(row, is_update=True)
        self._refuse_clash(row, old)
        self.rows.remove(old)
        self.rows.append(row)
        return row

    def delete(self, row: Row) -> bool:
        """By key, or the equal row."""
        old = self._equal(row) if self.declared.key is None else self._keyed(row)
        if old is not None:
            self._drop(old)
        return old is not None

    def delete_all(self, rows: list[Row]) -> int:
        """Drop these."""
        for row in rows:
            self._drop(row)
        return len(rows)

    def _drop(self, row: Row) -> None:
        data = self.declared.encode(row)
        self.rows = [other for other in self.rows if self.declared.encode(other) != data]

    def _keyed(self, row: Row) -> Row | None:
        key = self.declared.key
        assert key is not None
        return next((other for other in self.rows if self.keys(other, (key,)) == self.keys(row, (key,))), None)

    def _refuse_clash(self, row: Row, old: Row | None) -> None:
        for columns in self.declared.constraints:
            wanted = self.keys(row, columns)
            if any(other is not old and self.keys(other, columns) == wanted for other in self.rows):
                raise Broken("UniqueViolation")

    # --- numbers

    def _numbered(self, row: Row, *, is_update: bool = False) -> Row:
        for place, column in enumerate(self.declared.columns):
            is_key = column.name == self.declared.key
            if column.is_auto and row[place] == 0 and not (is_update and is_key):
                row = (*row[:place], self._next(column), *row[place + 1 :])
        return row

    def _next(self, column: Column) -> int:
        last = (1 << int(column.kind_name[1:])) - 1
        taken = set()
        if (column.name,) in self.declared.constraints:
            taken = {row[self.declared.place(column.name)] for row in self.rows}
        number = start = self.numbers[column.name]
        while number in taken:
            number = 1 if number == last else number + 1
            if number == start:
                raise Broken("NumbersExhausted")
        self.numbers[column.name] = 1 if number == last else number + 1
        return number


class Reference:
    """All tables."""

    def __init__(self, declared: tuple[Declared, ...]) -> None:
        self.tables = {each.name: TableModel(each) for each in declared}

    @property
    def declared(self) -> tuple[Declared, ...]:
        """What the module declares."""
        return tuple(table.declared for table in self.tables.values())

    def copy(self) -> "Reference":
        """The same, apart."""
        return copy.deepcopy(self)

    def end_events(self) -> dict[str, list[Row]]:
        """Take out the rows of event tables, whose numbers begin again."""
        gone = {}
        for name, table in self.tables.items():
            if table.declared.is_event:
                gone[name] = table.rows
                self.tables[name] = TableModel(table.declared)
        return gone

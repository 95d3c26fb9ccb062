"""From a choice of columns to an index: how `find`, `filter` and `delete` reach their rows. Decided once per choice."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from stdbctl.nearest import nearest
from stdbctl.records import Bound, InvalidValue, NotIndexed, Row
from stdbctl.sats import Convert, Converters, Mismatch, Range, Shape, steps_text
from stdbctl.schema import IndexAlgorithm, IndexDef, TableDef

Given = Mapping[str, Any]
"""Column name, as the author wrote it -> value; Any because its type is known only at run time."""


Bounds = tuple[Bound | None, Bound | None]


class ColumnAccess(NamedTuple):
    """One column as authors name it. `into`: the converter towards the engine, None for plain values."""

    position: int
    shape: Shape
    into: Convert | None


class Path(NamedTuple):
    """An index, and the function from the given columns to its key or prefix, and to the bounds of a range.

    `is_given`: the key is the values as they are given, in that order.
    `exact`: the same for columns that were refused: raises InvalidValue, or finds plain values for those of subclasses.
    """

    index_name: str
    key: Callable[[Given], Row]
    exact: Callable[[Given], tuple[Row, Bounds]]
    last: Callable[[Given], Bounds] | None = None
    is_given: bool = False


class Paths:
    """Finds the path for a choice of columns of one table."""

    def __init__(self, table: TableDef, columns: Mapping[str, ColumnAccess], converters: Converters) -> None:
        self.table, self.columns, self._converters = table, columns, converters
        self._names = {column.position: name for name, column in columns.items()}

    def find(self, names: tuple[str, ...]) -> Path:
        """The path to the one row by a unique constraint on exactly these columns. NotIndexed when there is none."""
        wanted = self._positions(names)
        if wanted not in [set(constraint.columns) for constraint in self.table.constraints]:
            raise self._not_unique(names, wanted)
        index = next(index for index in self.table.indexes if set(index.columns) == wanted)
        order = [self._names[i] for i in index.columns]
        key = self._key(names, order)
        return Path(index.name, key, self._exact(order), is_given=key is _values)

    def filter(self, names: tuple[str, ...], ranged: tuple[str, ...]) -> Path:
        """The path to all rows with these columns; `ranged` are given as ranges."""
        if not names:
            raise TypeError(f"name a column of `{self.table.accessor}`, or iterate over the table for all rows")
        wanted = self._positions(names)
        fits = [index for index in self.table.indexes if self._covers(index, wanted, ranged)]
        if not fits:
            raise self._not_indexed(names, None, ranged)
        index = min(fits, key=lambda index: len(index.columns))
        order = [self._names[i] for i in index.columns[: len(names)]]
        if not ranged:
            return Path(index.name, self._key(names, order), self._exact(order))
        *prefix, last = order
        return Path(index.name, self._key(names, prefix), self._exact(prefix, last), self._bounds(last))

    def _positions(self, names: tuple[str, ...]) -> set[int]:
        for name in names:
            if name not in self.columns:
                near = nearest(name, self.columns)
                hint = f"did you mean `{near}`?" if near else f"its columns: {', '.join(self.columns)}"
                raise TypeError(f"`{self.table.accessor}` has no column `{name}`; {hint}")
        return {self.columns[name].position for name in names}

    def _covers(self, index: IndexDef, wanted: set[int], ranged: tuple[str, ...]) -> bool:
        if index.algorithm is IndexAlgorithm.HASH:
            return not ranged and set(index.columns) == wanted and len(index.columns) == len(wanted)
        if set(index.columns[: len(wanted)]) != wanted or len(ranged) > 1:
            return False
        return not ranged or index.columns[len(wanted) - 1] == self.columns[ranged[0]].position

    def _not_unique(self, names: tuple[str, ...], wanted: set[int]) -> NotIndexed:
        if any(self._covers(index, wanted, ()) for index in self.table.indexes):
            fix = "use `filter`, since several rows may have the same"
        elif len(names) == 1:
            fix = f"declare `{names[0]}: Unique[…]`, or iterate over the table and test each row"
        else:
            columns = ", ".join(f'"{name}"' for name in names)
            fix = f"declare `@table(unique=[({columns})])`, or iterate over the table and test each row"
        return NotIndexed(table=self.table.name, columns=names, fix=fix, kind="unique constraint")

    def _not_indexed(self, names: tuple[str, ...], fix: str | None, ranged: tuple[str, ...] = ()) -> NotIndexed:
        order = [*(name for name in names if name not in ranged), *ranged]
        if fix is None and len(ranged) > 1:
            fix = "give at most one column as a range, and test the others in the loop"
        elif fix is None and len(order) == 1:
            fix = f"declare `{order[0]}: Index[…]`, or iterate over the table and test each row"
        elif fix is None:
            columns = ", ".join(f'"{name}"' for name in order)
            fix = f"declare `@table(indexes=[index({columns})])`, or iterate over the table and test each row"
        return NotIndexed(table=self.table.name, columns=names, fix=fix)

    def _key(self, names: tuple[str, ...], order: list[str]) -> Callable[[Given], Row]:
        """The function from the given columns to values in index order."""
        if list(names) == order and all(self.columns[name].into is None for name in names):
            return _values
        if len(order) == 1 and self.columns[order[0]].into is None:
            only = order[0]
            return lambda given: (given[only],)
        return lambda given: tuple([self._value(name, given[name]) for name in order])

    def _value(self, name: str, value: Any) -> Any:
        into = self.columns[name].into
        return value if into is None else into(value)

    def _bounds(self, name: str) -> Callable[[Given], Bounds]:
        return lambda given: _bounds_of(given[name], lambda value: self._value(name, value))

    def _exact(self, prefix: list[str], last: str | None = None) -> Callable[[Given], tuple[Row, Bounds]]:
        def exact(given: Given) -> tuple[Row, Bounds]:
            key = tuple([self._exact_value(name, given[name]) for name in prefix])
            if last is None:
                return key, (None, None)
            return key, _bounds_of(given[last], lambda value: self._exact_value(last, value))

        return exact

    def _exact_value(self, name: str, value: Any) -> Any:
        position, shape, _ = self.columns[name]
        try:
            return self._converters.exact(shape, value)
        except Mismatch as error:
            if type(value) is Range:
                error = Mismatch((), error.expected, "a range, which only `filter` and `delete` take")
            raise invalid_value(self.table, position, error.path, error) from None


def invalid_value(table: TableDef, position: int, inside: tuple[str | int, ...], error: Mismatch) -> InvalidValue:
    """What an author learns of a value that does not fit the column at `position`."""
    name = table.columns[position].name
    steps = steps_text(inside)
    return InvalidValue(table=table.name, column=name, inside=steps, expected=error.expected, given=error.given)


def _bounds_of(chosen: Range[Any], convert: Convert) -> Bounds:
    low, high = chosen.low, chosen.high
    return (
        None if low is None else Bound(convert(low[0]), low[1]),
        None if high is None else Bound(convert(high[0]), high[1]),
    )


def _values(given: Given) -> Row:
    return tuple(given.values())

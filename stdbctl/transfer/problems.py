"""What can be wrong with rows in a file; each problem has the file, the line and, where it helps, the column."""

from collections.abc import Iterable

from stdbctl.errors import Place, Problem
from stdbctl.nearest import did_you_mean

PROBLEMS_MAX = 50
"""So many problems of one import are told; then reading goes on no further."""


class DataProblem(Problem):
    """Something in a file of rows."""


class UnreadableData(DataProblem):
    """A file, or a line of it, is not what its format asks for."""

    code = "data.unreadable"

    def __init__(self, *, what: str, fix: str, place: Place | None) -> None:
        super().__init__(what=what, fix=fix, place=place)


class UnknownTable(DataProblem):
    """The rows are for a table that the database does not have."""

    code = "data.unknown_table"

    def __init__(self, *, table: str, known: Iterable[str], place: Place | None) -> None:
        super().__init__(what=f"no table `{table}`", fix=did_you_mean(table, known), place=place)


class NoTableNamed(DataProblem):
    """Nothing says for which table the rows are."""

    code = "data.no_table"

    def __init__(self, *, place: Place | None) -> None:
        super().__init__(
            what="nothing says for which table these rows are",
            fix='name it with `--table`, by the file\'s name, or by a line {"$table": "name"} in front of them',
            place=place,
        )


class RowsOfEvents(DataProblem):
    """Rows for an event table, which keeps none."""

    code = "data.event_table"

    def __init__(self, *, table: str, place: Place | None) -> None:
        super().__init__(
            what=f"`{table}` is an event table",
            why="its rows last for one transaction only, so there is nothing to bring in",
            fix="leave it out; a reducer can insert them",
            place=place,
        )


class UnknownColumn(DataProblem):
    """A row or a header names a column that the table does not have."""

    code = "data.unknown_column"

    def __init__(self, *, table: str, column: str, known: Iterable[str], place: Place | None) -> None:
        super().__init__(
            what=f"`{table}` has no column `{column}`",
            fix=did_you_mean(column, known),
            place=place,
        )


class DoubleColumn(DataProblem):
    """A column stands more than once in a row or a header."""

    code = "data.double_column"

    def __init__(self, *, table: str, column: str, place: Place | None) -> None:
        super().__init__(what=f"`{table}.{column}` is given twice", fix="give it once", place=place)


class MissingColumn(DataProblem):
    """A column without a default is left out."""

    code = "data.missing_column"

    def __init__(self, *, table: str, column: str, expected: str, place: Place | None) -> None:
        super().__init__(
            what=f"`{table}.{column}` is missing",
            why=f"it has no default ({expected})",
            fix="add it, or give the column a default in the module",
            place=place,
        )


class WrongValue(DataProblem):
    """A value does not fit its column."""

    code = "data.wrong_value"

    def __init__(self, *, table: str, column: str, type_name: str, expected: str, given: str, place: Place) -> None:
        super().__init__(
            what=f"`{table}.{column}` expects {expected}, got {given}",
            why=f"the column's type is {type_name}" if type_name else "",
            fix="docs/data.md lists how values of each type are written",
            place=place,
        )


class RowClash(DataProblem):
    """A row would stand beside another one with the same unique value."""

    code = "data.clash"

    def __init__(self, *, table: str, columns: tuple[str, ...], value: str, other: Place | None, place: Place) -> None:
        names = ", ".join(f"`{column}`" for column in columns)
        where = "a row of the table" if other is None else f"{other.file}:{other.line}"
        super().__init__(
            what=f"{names} = {value} of `{table}` is unique, and {where} has it already",
            fix="keep one of the two lines"
            if other is not None
            else "leave the line out, or import with `--merge` (rows with its primary key are replaced) or `--replace` "
            "(the table is emptied first)",
            place=place,
        )


class NoNumberLeft(DataProblem):
    """An auto-increment column has no number left for a row."""

    code = "data.no_number_left"

    def __init__(self, *, text: str, place: Place) -> None:
        super().__init__(what=text, fix="give the number in the file, or delete rows", place=place)

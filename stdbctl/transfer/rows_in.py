"""Lines of a file as rows of one table, and what is wrong with them."""

import csv
from collections.abc import Callable, Iterable
from typing import Any, Protocol  # Any: engine values of types known only at run time

from stdbctl.errors import Place, Problem
from stdbctl.nearest import nearest
from stdbctl.sats import JsonError, JsonObject, loads
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.transfer.cells import cell_reader
from stdbctl.transfer.columns import MISSING, Columns
from stdbctl.transfer.misfit import Misfit
from stdbctl.transfer.places import Lines, cell_column, key_column
from stdbctl.transfer.problems import (
    DoubleColumn,
    MissingColumn,
    UnknownColumn,
    UnreadableData,
    WrongValue,
)
from stdbctl.transfer.read_values import ValueReaders

Row = tuple[Any, ...]
Found = Callable[[Problem], None]
CELL_CHARS_MAX = 32 * 1024 * 1024
csv.field_size_limit(CELL_CHARS_MAX)
"""The library's own limit is 128 KiB; it knows one for the whole process only."""


class RowReader(Protocol):
    """Reads the records of one table in one format. What is wrong goes to `found`; the record is then no row."""

    def goes_on(self, line: str, is_inside: bool) -> bool:
        """Whether the next line belongs to the same record as this one. `is_inside`: the answer for the line before."""
        ...

    def read(self, record: str, lines: Lines, found: Found) -> Row | None:
        """One record: lines without the last newline."""
        ...


class JsonReader:
    """JSON Lines: one object a line."""

    def __init__(self, table: TableDef, module: ModuleDef) -> None:
        self._columns = Columns.of(table, module)
        readers = ValueReaders(module.typespace)
        self._readers = tuple(readers.of(column.type) for column in table.columns)
        self._plain = tuple(zip(self._columns.names, self._readers, strict=True))
        self._known = frozenset(self._columns.names)

    def goes_on(self, line: str, is_inside: bool) -> bool:
        """Never: a record is a line."""
        return False

    def read(self, record: str, lines: Lines, found: Found) -> Row | None:
        """See RowReader."""
        try:
            data = loads(record)
        except JsonError as error:
            place = lines.place(1, _json_column(error.what))
            found(UnreadableData(what=f"no JSON: {error.what.split(' at line')[0]}", fix=_ONE_OBJECT, place=place))
            return None
        if not isinstance(data, dict):
            found(UnreadableData(what="the line is no JSON object", fix=_ONE_OBJECT, place=lines.place()))
            return None
        if data.keys() == self._known and type(data) is dict:
            try:
                return tuple([read(data[name]) for name, read in self._plain])
            except Misfit:
                pass  # found again below, with its column
        return self._explained(record, data, lines, found)

    def _explained(self, record: str, data: dict[str, Any], lines: Lines, found: Found) -> Row | None:
        """The slow way: columns by both names, with stand-ins, and every problem."""
        columns = self._columns
        problems: list[Problem] = []
        given: dict[int, str] = {}
        for key in data:
            place = lines.place(1, key_column(record, key))
            position = columns.positions.get(key)
            if position is None:
                problems.append(
                    UnknownColumn(table=columns.table, column=key, known=columns.names, place=place),
                )
                continue
            if position in given or (isinstance(data, JsonObject) and key in data.duplicates):
                problems.append(DoubleColumn(table=columns.table, column=columns.names[position], place=place))
            given[position] = key
        problems += _missing(columns, given, data, lines.place())
        row = list(columns.standins)
        for position, key in given.items():
            try:
                row[position] = self._readers[position](data[key])
            except Misfit as misfit:
                problems.append(_wrong(columns, position, misfit, lines.place(1, key_column(record, key))))
        for problem in problems:
            found(problem)
        return None if problems else tuple(row)


class CsvReader:
    """CSV as in RFC 4180: a first record that names the columns, then a row a record."""

    def __init__(self, table: TableDef, module: ModuleDef) -> None:
        self._columns = Columns.of(table, module)
        readers = ValueReaders(module.typespace)
        self._readers = tuple(cell_reader(column.type, module.typespace, readers) for column in table.columns)
        self._empties = tuple(_is_empty_readable(read) for read in self._readers)
        self._header: tuple[int, ...] | None = None
        self._has_failed = False

    def goes_on(self, line: str, is_inside: bool) -> bool:
        """As long as a quoted cell has not ended."""
        return (line.count('"') % 2 == 1) != is_inside

    def read(self, record: str, lines: Lines, found: Found) -> Row | None:
        """See RowReader. The first record is the header; when that is wrong, no row is read."""
        if self._has_failed:
            return None
        try:
            cells = next(csv.reader([record], strict=True), [])
        except csv.Error as error:
            found(UnreadableData(what=f"no CSV: {error}", fix=_RFC, place=lines.place()))
            return None
        if self._header is None:
            self._header = self._read_header(record, cells, lines, found)
            return None
        if len(cells) != len(self._header):
            what = f"{len(self._header)} cells expected, as the header has, {len(cells)} found"
            found(UnreadableData(what=what, fix=_RFC, place=lines.place()))
            return None
        return self._row(record, cells, self._header, lines, found)

    def _read_header(self, record: str, cells: list[str], lines: Lines, found: Found) -> tuple[int, ...]:
        columns = self._columns
        problems: list[Problem] = []
        header: list[int] = []
        for index, name in enumerate(cells):
            place = lines.place(*cell_column(record, index))
            position = columns.positions.get(name.strip())
            if position is None:
                problems.append(UnknownColumn(table=columns.table, column=name, known=columns.names, place=place))
            elif position in header:
                problems.append(DoubleColumn(table=columns.table, column=columns.names[position], place=place))
            else:
                header.append(position)
        problems += _missing(columns, header, cells, lines.place())
        for problem in problems:
            found(problem)
        self._has_failed = bool(problems)
        return tuple(header)

    def _row(self, record: str, cells: list[str], header: tuple[int, ...], lines: Lines, found: Found) -> Row | None:
        row, is_sound = list(self._columns.standins), True
        for index, (position, cell) in enumerate(zip(header, cells, strict=True)):
            if cell == "" and not self._empties[position] and row[position] is not MISSING:
                continue  # an empty cell asks for what stands in
            try:
                row[position] = self._readers[position](cell)
            except Misfit as misfit:
                found(_wrong(self._columns, position, misfit, lines.place(*cell_column(record, index))))
                is_sound = False
        return tuple(row) if is_sound else None


_ONE_OBJECT = 'write one object a line, such as {"id": 1, "name": "anna"}'
_RFC = "see RFC 4180: commas between cells, cells with commas, quotes or newlines in quotes, quotes doubled"


def _missing(columns: Columns, given: Iterable[int], names: Iterable[str], place: Place) -> list[Problem]:
    """The columns that should be there. `names`: what is there; a name that is one of them mistyped tells enough."""
    mistyped = {nearest(name, columns.names) for name in names if name not in columns.positions}
    return [
        MissingColumn(table=columns.table, column=columns.names[index], expected=columns.type_names[index], place=place)
        for index in columns.missing(given)
        if columns.names[index] not in mistyped
    ]


def _wrong(columns: Columns, position: int, misfit: Misfit, place: Place) -> Problem:
    return WrongValue(
        table=columns.table,
        column=f"{columns.names[position]}{misfit.where}",
        type_name=columns.type_names[position],
        expected=misfit.expected,
        given=misfit.given,
        place=place,
    )


def _is_empty_readable(read: Callable[[str], Any]) -> bool:
    try:
        read("")
    except Misfit:
        return False
    return True


def _json_column(what: str) -> int:
    text = what.rpartition(" column ")[2]
    return int(text) if text.isdecimal() else 1

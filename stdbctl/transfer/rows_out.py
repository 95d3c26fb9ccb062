"""Rows of one table as the lines of a file."""

from collections.abc import Iterable
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.sats import dumps
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.transfer.cells import cell_writer
from stdbctl.transfer.formats import FileFormat
from stdbctl.transfer.write_values import ValueWriters

_SPECIAL = frozenset('",\r\n')


class RowWriter:
    """Writes rows of one table, as UTF-8."""

    def __init__(self, table: TableDef, module: ModuleDef, format_: FileFormat) -> None:
        writers = ValueWriters(module.typespace)
        self._names = [column.name for column in table.columns]
        self._format = format_
        self._write = [(column.name, writers.of(column.type)) for column in table.columns]
        self._cells = [cell_writer(column.type, module.typespace, writers) for column in table.columns]

    @property
    def head(self) -> bytes:
        """What stands in front of the first row."""
        if self._format is FileFormat.JSONL:
            return b""
        return (",".join(map(_escaped, self._names)) + "\n").encode()

    def lines(self, rows: Iterable[tuple[Any, ...]]) -> bytes:
        """The rows, each with its newline."""
        line = self._object if self._format is FileFormat.JSONL else self._record
        return "".join([line(row) for row in rows]).encode()

    def _object(self, row: tuple[Any, ...]) -> str:
        pairs = zip(self._write, row, strict=True)
        return dumps({name: value if write is None else write(value) for (name, write), value in pairs}) + "\n"

    def _record(self, row: tuple[Any, ...]) -> str:
        cells = [_escaped(cell(value)) for cell, value in zip(self._cells, row, strict=True)]
        return (",".join(cells) if cells != [""] else '""') + "\n"


def _escaped(cell: str) -> str:
    """A cell in quotes where it must be, and where spaces at its ends could get lost."""
    if _SPECIAL.isdisjoint(cell) and cell.strip() == cell:
        return cell
    return '"' + cell.replace('"', '""') + '"'

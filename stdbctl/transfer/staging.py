"""Bytes of files as rows that wait to be inserted: everything is read and checked before anything changes."""

import codecs
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any  # Any: engine values of types known only at run time

from stdbctl.errors import Place, Problem
from stdbctl.sats import JsonError, loads
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.transfer.formats import FileFormat
from stdbctl.transfer.places import Lines
from stdbctl.transfer.problems import PROBLEMS_MAX, NoTableNamed, RowsOfEvents, UnknownTable, UnreadableData
from stdbctl.transfer.rows_in import CsvReader, JsonReader, Row, RowReader

RECORD_BYTES_MAX = 32 * 1024 * 1024
"""One row in a file; the same as one message of a client."""
STEP_RECORDS = 64
"""Between two yields of `Staging.feed`: some 0.5 ms of work."""
_TABLE_LINE = b'{"$table"'


@dataclass(slots=True)
class StagedTable:
    """Rows for one table, in the order of the files; `place(i)` says where row i stands."""

    table: TableDef
    rows: list[Row] = field(default_factory=list)
    _lines: "array[int]" = field(default_factory=lambda: array("Q"))
    _files: list[tuple[int, str]] = field(default_factory=list)

    def add(self, row: Row, file: str, line: int) -> None:
        """Keep one more row."""
        if not self._files or self._files[-1][1] != file:
            self._files.append((len(self.rows), file))
        self.rows.append(row)
        self._lines.append(line)

    def place(self, index: int) -> Place:
        """Where a row stands."""
        file = next(name for start, name in reversed(self._files) if start <= index)
        return Place(file=file, line=self._lines[index])


class Staging:
    """Reads files, one after the other, against one definition.

    `tables`: what was read, by canonical name, in order of appearance. `problems`: what is wrong, PROBLEMS_MAX at most;
    `is_cut`: there may be more.
    """

    def __init__(self, module: ModuleDef) -> None:
        self.module = module
        self.tables: dict[str, StagedTable] = {}
        self.problems: list[Problem] = []
        self.is_cut = False
        self._file: _File | None = None

    @property
    def row_count(self) -> int:
        """Rows read so far."""
        return sum(len(staged.rows) for staged in self.tables.values())

    def open(self, file: str, table: str | None, format_: FileFormat) -> None:
        """Begin a file; `table` None = its `$table` lines say it."""
        assert self._file is None, "the file before has not ended"
        self._file = _File(self, file, format_)
        if table is not None:
            self._file.turn_to(table, Place(file=file, line=1))

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Read bytes of the open file, yielding now and then so that others get their turn."""
        assert self._file is not None, "no file is open"
        if not self.is_cut:
            yield from self._file.feed(chunk)

    def close(self) -> None:
        """End the open file."""
        assert self._file is not None, "no file is open"
        if not self.is_cut:
            self._file.end()
        self._file = None

    def found(self, problem: Problem) -> None:
        """Note a problem."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(problem)
        else:
            self.is_cut = True

    def staged(self, name: str, place: Place) -> StagedTable | None:
        """Where rows for a table go; None after saying why they cannot."""
        table = self.module.table(name)
        if table is None:
            known = [known.name for known in self.module.tables if not known.is_event]
            self.found(UnknownTable(table=name, known=known, place=place))
            return None
        if table.is_event:
            self.found(RowsOfEvents(table=table.name, place=place))
            return None
        return self.tables.setdefault(table.name, StagedTable(table))


class _File:
    """The file that is being read."""

    def __init__(self, staging: Staging, name: str, format_: FileFormat) -> None:
        self._staging, self._name, self._format = staging, name, format_
        self._line = 0
        self._waiting = bytearray()
        self._record: list[str] = []
        """The lines so far of a record that goes on."""
        self._record_line = self._record_chars = 0
        self._reader: RowReader | None = None
        self._target: StagedTable | None = None
        self._is_lost = False
        """Whether rows have no table: that is said once."""

    def turn_to(self, table: str, place: Place) -> None:
        """Read rows of this table from now on."""
        self._target = self._staging.staged(table, place)
        self._is_lost = self._target is None
        if self._target is not None:
            kind = JsonReader if self._format is FileFormat.JSONL else CsvReader
            self._reader = kind(self._target.table, self._staging.module)

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Lines as they get whole."""
        self._waiting += chunk
        if b"\n" not in chunk:
            self._refuse_long(len(self._waiting))
            return
        whole, _, rest = bytes(self._waiting).rpartition(b"\n")
        self._waiting = bytearray(rest)
        for count, line in enumerate(whole.split(b"\n"), 1):
            self._take(line)
            if self._staging.is_cut:
                return
            if count % STEP_RECORDS == 0:
                yield
        yield

    def end(self) -> None:
        """The last line may lack its newline, and the last record its end."""
        if self._waiting:
            self._take(bytes(self._waiting))
        if self._record:
            self._found_unreadable("a quoted cell does not end", "close its quotes", self._record_line)

    def _take(self, raw: bytes) -> None:
        self._line += 1
        if self._line == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            self._record.clear()
            self._found_unreadable(f"no UTF-8 at byte {error.start + 1} of the line", "save the file as UTF-8")
            return
        if not self._record:
            if not text.strip():
                return  # an empty line says nothing
            if self._format is FileFormat.JSONL and raw.lstrip().startswith(_TABLE_LINE):
                self._turn(text)
                return
            self._record_line, self._record_chars = self._line, 0
        if self._reader is not None and self._reader.goes_on(text, bool(self._record)):
            self._record.append(text)
            self._record_chars += len(text)
            self._refuse_long(self._record_chars)
            return
        record = "\n".join([*self._record, text]) if self._record else text
        self._record.clear()
        self._read(record.removesuffix("\r"))

    def _read(self, record: str) -> None:
        staging = self._staging
        if self._reader is None or self._target is None:
            if not self._is_lost:
                self._is_lost = True
                staging.found(NoTableNamed(place=Place(file=self._name, line=self._line)))
            return
        row = self._reader.read(record, Lines(self._name, self._record_line, record), staging.found)
        if row is not None:
            self._target.add(row, self._name, self._record_line)

    def _turn(self, text: str) -> None:
        """A line `{"$table": "point"}`."""
        try:
            data: Any = loads(text)
        except JsonError:
            data = None
        name = data.get("$table") if isinstance(data, dict) and len(data) == 1 else None
        place = Place(file=self._name, line=self._line)
        if not isinstance(name, str):
            self._found_unreadable("no line that names a table", 'write {"$table": "name"}')
            return
        self.turn_to(name, place)

    def _found_unreadable(self, what: str, fix: str, line: int | None = None) -> None:
        place = Place(file=self._name, line=line or self._line)
        self._staging.found(UnreadableData(what=what, fix=fix, place=place))

    def _refuse_long(self, size: int) -> None:
        if size > RECORD_BYTES_MAX:
            self._found_unreadable(f"a row of more than {RECORD_BYTES_MAX} bytes", "split it, or call a reducer")
            self._staging.is_cut = True
            self._waiting.clear()

"""Rows from outside into tables, and all rows of tables out: one transaction, one moment."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any  # Any: order keys

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.errors import ModuleChanged
from stdbctl.engine.results import Committed
from stdbctl.engine.table import Table
from stdbctl.engine.timeline import Timeline
from stdbctl.errors import Place, Problem, Problems
from stdbctl.records import EntryKind, InvalidValue, NumbersExhausted, Row, UniqueViolation
from stdbctl.sats import Identity
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.transfer import (
    PROBLEMS_MAX,
    ImportMode,
    NoNumberLeft,
    RowClash,
    StagedTable,
    Staging,
    WrongValue,
)


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What an import did to one table. An updated row counts as `inserted` and as `deleted`."""

    table: str
    given: int
    inserted: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Imported:
    """The end of an import."""

    committed: Committed
    tables: tuple[TableCounts, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """All rows of some tables as of one transaction, which must be durable before they leave."""

    offset: int
    module: ModuleDef
    tables: tuple[tuple[TableDef, Sequence[Row]], ...]


def export_rows(live: Deployment, names: Iterable[str], offset: int) -> Exported:
    """The rows of these tables (canonical names), in table order. Cost: one sort for a table that changed."""
    tables = [live.table(name) for name in names]
    return Exported(offset, live.module, tuple((table.definition, table.scan().rows) for table in tables))


def import_rows(timeline: Timeline, live: Deployment, caller: Identity, staging: Staging, mode: ImportMode) -> Imported:
    """Insert what was staged. Problems, ModuleChanged (it was read by another definition): nothing was changed."""
    if staging.module is not live.module:
        raise ModuleChanged
    counts: list[TableCounts] = []

    def change() -> None:
        counts.extend(insert_staged(live, staging, mode))

    committed = timeline.change(live, change, EntryKind.IMPORT, caller)
    return Imported(committed, tuple(counts))


def insert_staged(live: Deployment, staging: Staging, mode: ImportMode) -> tuple[TableCounts, ...]:
    """Insert in the open transaction; Problems, PROBLEMS_MAX at most, which leave it to be rolled back."""
    problems: list[Problem] = []
    pairs = [(live.table(name), staged) for name, staged in staging.tables.items()]
    if mode is ImportMode.REPLACE:
        for table, _ in pairs:
            empty(table)
    for table, staged in pairs:
        _Insertion(table, staged, problems).run(is_merge=mode is ImportMode.MERGE)
        if len(problems) >= PROBLEMS_MAX:
            break
    if problems:
        raise Problems(problems)
    return tuple(
        TableCounts(table.name, len(staged.rows), len(table.inserted), len(table.deleted)) for table, staged in pairs
    )


def empty(table: Table) -> None:
    """Delete every row in the open transaction."""
    for stored in tuple(table.rows.values()):
        table.remove(stored)


class _Insertion:
    """The rows for one table. `problems` is shared with the other tables."""

    def __init__(self, table: Table, staged: StagedTable, problems: list[Problem]) -> None:
        self._table, self._staged, self._problems = table, staged, problems
        self._first_rows: dict[tuple[str, ...], dict[tuple[Any, ...], int]] = {}

    def run(self, *, is_merge: bool) -> None:
        """Insert all, noting problems, of which so many are enough."""
        self._count_on()
        put = self._merging() if is_merge else lambda index, row: self._table.insert(row)
        for index, row in enumerate(self._staged.rows):
            try:
                put(index, row)
            except NumbersExhausted as error:
                self._problems.append(NoNumberLeft(text=str(error), place=self._place(index)))
            except UniqueViolation as error:
                self._problems.append(self._clash(index, row, error))
            except InvalidValue as error:
                self._problems.append(self._wrong(index, error))
            if len(self._problems) >= PROBLEMS_MAX:
                return

    def _count_on(self) -> None:
        """Numbers that the files give are not to be given again."""
        for sequence in self._table.sequences:
            sequence.pass_over(row[sequence.column] for row in self._staged.rows)

    def _merging(self) -> Callable[[int, Row], object]:
        table, primary_key = self._table, self._table.definition.primary_key
        if primary_key is None:
            return lambda index, row: table.insert(row)
        key_of, seen = table.codec.order_key(primary_key), dict[Any, int]()

        def put(index: int, row: Row) -> None:
            key = key_of(row[primary_key])
            other = seen.setdefault(key, index)
            if key not in table.rows:
                table.insert(row)
            elif other == index:
                table.update(row)
            else:
                self._problems.append(self._same_key(index, row, other))

        return put

    def _same_key(self, index: int, row: Row, other: int) -> Problem:
        definition = self._table.definition
        assert definition.primary_key is not None, "rows without a key are told apart by all of them"
        columns = (definition.primary_key,)
        return RowClash(
            table=self._table.name,
            columns=(definition.columns[columns[0]].name,),
            value=self._table.codec.text(columns, row),
            other=self._place(other),
            place=self._place(index),
        )

    def _clash(self, index: int, row: Row, error: UniqueViolation) -> Problem:
        other = self._first_row(index, row, error.columns)
        return RowClash(
            table=self._table.name,
            columns=error.columns,
            value=error.value,
            other=None if other is None else self._place(other),
            place=self._place(index),
        )

    def _first_row(self, index: int, row: Row, columns: tuple[str, ...]) -> int | None:
        """The row of the files that has these values first, unless it is the row itself."""
        names = [column.name for column in self._table.definition.columns]
        positions = [names.index(column) for column in columns]
        keys = [(position, self._table.codec.order_key(position)) for position in positions]
        known = self._first_rows.get(columns)
        if known is None:
            known = self._first_rows[columns] = {}
            for at, each in enumerate(self._staged.rows):
                known.setdefault(tuple([key(each[position]) for position, key in keys]), at)
        first = known[tuple([key(row[position]) for position, key in keys])]
        return first if first < index else None

    def _wrong(self, index: int, error: InvalidValue) -> Problem:
        return WrongValue(
            table=error.table,
            column=f"{error.column}{error.inside}",
            type_name="",
            expected=error.expected,
            given=error.given,
            place=self._place(index),
        )

    def _place(self, index: int) -> Place:
        return self._staged.place(index)

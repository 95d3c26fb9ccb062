"""What a table says of a row that it does not take, in the names of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from stdbctl.records import InvalidValue, Row, RowNotFound, UniqueViolation
from stdbctl.sats import ScheduleAt, TimeDuration

if TYPE_CHECKING:
    from stdbctl.engine.indexes import Index
    from stdbctl.engine.table import Table


class Refusals:
    """The refusals of one table; its generated functions call them."""

    def __init__(self, table: Table) -> None:
        self._table, self._definition = table, table.definition

    def violation(self, row: Row, index: Index | None) -> UniqueViolation:
        """The error for a row whose values another one has, by a unique index; None: by the primary key."""
        if index is None:
            columns, name = self._primary_key()
        else:
            columns, name = index.columns, index.name
        return UniqueViolation(
            table=self._definition.name,
            index=name,
            columns=tuple(self._definition.columns[column].name for column in columns),
            value=self._table.codec.text(columns, row),
            row=row,
        )

    def give_back(self, given: Row) -> None:
        """A row was refused before it touched the table: the numbers that it took are the next ones again."""
        for sequence in self._table.sequences:
            value = given[sequence.column]
            if value == 0 and value.__class__ is int:
                sequence.give_back()

    def refuse_far(self, when: ScheduleAt) -> NoReturn:
        """Raise InvalidValue: a row of a scheduled table waits for too late a moment."""
        schedule = self._definition.schedule
        assert schedule is not None
        raise InvalidValue(
            table=self._definition.name,
            column=self._definition.columns[schedule.column].name,
            expected="a moment less than 2.18 years (64^6 - 1 ms) ahead",
            given=f"{when.value} s" if isinstance(when.value, TimeDuration) else str(when.value),
        )

    def not_found(self, row: Row) -> RowNotFound:
        """The error for an update of a row that is not there."""
        key = self._definition.primary_key
        if key is None:
            return RowNotFound(table=self._definition.name, column="(no primary key)", value=str(row))
        return RowNotFound(
            table=self._definition.name,
            column=self._definition.columns[key].name,
            value=self._table.codec.text((key,), row),
        )

    def _primary_key(self) -> tuple[tuple[int, ...], str]:
        key = self._definition.primary_key
        assert key is not None
        for index in self._table.indexes.values():
            if index.entries is self._table.rows:
                return (key,), index.name
        return (key,), f"{self._definition.name}_{self._definition.columns[key].name}_key"

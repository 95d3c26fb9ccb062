"""Auto-increment: the numbers of one column, in order, wrapping at the bounds as SpacetimeDB's do.

A number that a row holds already, because it was given explicitly or before the numbers wrapped, is passed over where
no second row may have it: a clash would roll the call back, which gives the number back, and so on for ever.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from stdbctl.engine.ordering import int_range
from stdbctl.records import NumbersExhausted
from stdbctl.sats import AlgebraicType
from stdbctl.schema import SequenceDef

if TYPE_CHECKING:
    from stdbctl.engine.table import Table

_I128_MAX = (1 << 127) - 1
"""SpacetimeDB counts in 128 bits: wider columns get no larger number."""


def sequence_bounds(definition: SequenceDef, type_: AlgebraicType) -> tuple[int, int]:
    """The smallest and the largest number that a sequence over a column of this type gives."""
    column_range = int_range(type_)
    assert column_range is not None, "validation lets sequences stand on integers only"
    low, high = column_range
    low = max(low, 1 if definition.min_value is None else definition.min_value)
    high = min(high, _I128_MAX if definition.max_value is None else definition.max_value)
    return low, high


class Sequence:
    """The counter of one column.

    `next_value` is what the next taker gets. `before` is what it was when the running transaction first took a
    number (None = it has taken none), so that a rollback gives the numbers back; `previous` what it was before the last
    take. The sequence of an event table acts within one transaction only: it is not lasting. `taken`: numbers that no
    further row may have.
    """

    __slots__ = (
        "before",
        "column",
        "definition",
        "high",
        "increment",
        "is_lasting",
        "journal",
        "low",
        "next_value",
        "previous",
        "table",
        "table_id",
        "taken",
    )

    def __init__(self, definition: SequenceDef, type_: AlgebraicType, table: Table) -> None:
        self.definition = definition
        self.table, self.table_id, self.column, self.journal = table, table.table_id, definition.column, table.journal
        self.taken: Container[int] = ()
        self.is_lasting = not table.is_event
        self.low, self.high = sequence_bounds(definition, type_)
        self.increment = definition.increment
        self.next_value = self.previous = self.first
        self.before: int | None = None

    @property
    def first(self) -> int:
        """Where counting starts: the given start, else 1, or the bound next to it."""
        start = self.definition.start
        return min(max(1 if start is None else start, self.low), self.high)

    def take(self) -> int:
        """The next number that is free; after the last one comes the other end of the range. NumbersExhausted."""
        number = self.next_value
        if number in self.taken:
            number = self._free()
        if self.before is None:
            self.journal.moved.append(self)
            self.before = self.next_value
        self.previous, self.next_value = self.next_value, self._following(number)
        return number

    def give_back(self) -> None:
        """The row that took the last number was refused before it touched the table: as if it had not asked."""
        self.next_value = self.previous

    def restart(self) -> None:
        """Count from the start again."""
        if self.next_value != self.first:
            if self.before is None:
                self.journal.moved.append(self)
                self.before = self.next_value
            self.next_value = self.first

    def pass_over(self, numbers: Iterable[int]) -> None:
        """Go on after the furthest of these numbers, which rows hold; 0 is none. It counts as having taken one."""
        ahead = [number for number in numbers if number and self.low <= number <= self.high]
        furthest = (max if self.increment > 0 else min)(ahead, default=None)
        if furthest is None or (furthest - self.next_value) * self.increment < 0:
            return
        if self.before is None:
            self.journal.moved.append(self)
            self.before = self.next_value
        self.next_value = self._following(furthest)

    def _free(self) -> int:
        """The next number that no row holds. Cost: one step per number that one does."""
        number = self.next_value
        while (number := self._following(number)) in self.taken:
            if number == self.next_value:
                definition = self.table.definition
                column = definition.columns[self.column].name
                raise NumbersExhausted(table=definition.name, column=column, low=self.low, high=self.high)
        return number

    def _following(self, number: int) -> int:
        number += self.increment
        return number if self.low <= number <= self.high else self._wrapped(number)

    def _wrapped(self, number: int) -> int:
        span = self.high - self.low + 1
        if self.increment > 0:
            return self.low + (number - self.high - 1) % span
        return self.high - (self.low - number - 1) % span

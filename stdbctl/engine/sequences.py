"""Auto-increment: the numbers of one column, in order, wrapping at the bounds as SpacetimeDB's do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdbctl.engine.ordering import int_range
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
    number (None = it has taken none), so that a rollback gives the numbers back. The sequence of an event table
    acts within one transaction only: it is not lasting.
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
        "table_id",
    )

    def __init__(self, definition: SequenceDef, type_: AlgebraicType, table: Table) -> None:
        self.definition = definition
        self.table_id, self.column, self.journal = table.table_id, definition.column, table.journal
        self.is_lasting = not table.is_event
        self.low, self.high = sequence_bounds(definition, type_)
        self.increment = definition.increment
        self.next_value = self.first
        self.before: int | None = None

    @property
    def first(self) -> int:
        """Where counting starts: the given start, else 1, or the bound next to it."""
        start = self.definition.start
        return min(max(1 if start is None else start, self.low), self.high)

    def take(self) -> int:
        """The next number; after the last one comes the other end of the range."""
        number = self.next_value
        if self.before is None:
            self.journal.moved.append(self)
            self.before = number
        following = number + self.increment
        if not self.low <= following <= self.high:
            following = self._wrapped(following)
        self.next_value = following
        return number

    def _wrapped(self, number: int) -> int:
        span = self.high - self.low + 1
        if self.increment > 0:
            return self.low + (number - self.high - 1) % span
        return self.high - (self.low - number - 1) % span

"""Ranges for `filter` and `delete`: `points.filter(x=between(0.0, 9.5))`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """A range over one column; an end of None is open. Any: the column's type is known only at run time."""

    low: tuple[Any, bool] | None
    """(value, inclusive)."""
    high: tuple[Any, bool] | None


def between(low: object, high: object) -> Range:
    """From `low` to `high`, both included."""
    return Range((low, True), (high, True))


def at_least(low: object) -> Range:
    """`low` and everything above it."""
    return Range((low, True), None)


def above(low: object) -> Range:
    """Everything above `low`, which is not included."""
    return Range((low, False), None)


def at_most(high: object) -> Range:
    """`high` and everything below it."""
    return Range(None, (high, True))


def below(high: object) -> Range:
    """Everything below `high`, which is not included."""
    return Range(None, (high, False))

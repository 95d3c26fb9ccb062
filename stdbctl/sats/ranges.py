"""Ranges for `filter` and `delete`: `points.filter(x=between(0.0, 9.5))`."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Range(Generic[T_co]):
    """A range over one column, whose values it holds; an end of None is open."""

    low: tuple[T_co, bool] | None
    """(value, inclusive)."""
    high: tuple[T_co, bool] | None


def between(low: T, high: T) -> Range[T]:
    """From `low` to `high`, both included."""
    return Range((low, True), (high, True))


def at_least(low: T) -> Range[T]:
    """`low` and everything above it."""
    return Range((low, True), None)


def above(low: T) -> Range[T]:
    """Everything above `low`, which is not included."""
    return Range((low, False), None)


def at_most(high: T) -> Range[T]:
    """`high` and everything below it."""
    return Range(None, (high, True))


def below(high: T) -> Range[T]:
    """Everything below `high`, which is not included."""
    return Range(None, (high, False))

"""Equality indexes over cached rows: made at the first look-up by some columns, kept in step from then on."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Generic, TypeVar

from stdbctl.client.row_bag import Changes

Row = TypeVar("Row")


class HashIndex(Generic[Row]):
    """Column values -> the rows that have them, by key. Values must be hashable."""

    def __init__(self, columns: tuple[str, ...], rows: Iterable[tuple[Any, Row]]) -> None:
        self._read: Callable[[Row], Any] = attrgetter(*columns)
        self._rows: dict[Any, dict[Any, Row]] = {}
        for key, row in rows:
            self._rows.setdefault(self._read(row), {})[key] = row

    def rows(self, values: tuple[Any, ...]) -> Mapping[Any, Row]:
        """The rows with these values by key; a view, good until the next change."""
        return self._rows.get(values[0] if len(values) == 1 else values, {})

    def follow(self, changes: Changes[Row]) -> None:
        """Take in what became of the table."""
        for key, row in changes.deleted.items():
            self._remove(key, row)
        for key, (old, new) in changes.updated.items():
            self._remove(key, old)
            self._rows.setdefault(self._read(new), {})[key] = new
        for key, row in changes.inserted.items():
            self._rows.setdefault(self._read(row), {})[key] = row

    def _remove(self, key: Any, row: Row) -> None:
        values = self._read(row)
        rows = self._rows[values]
        del rows[key]
        if not rows:
            del self._rows[values]

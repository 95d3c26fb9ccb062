"""What the layers of pending predictions make of one table's rows, beside server truth.

A layer is known by its number; a greater number lies on top. A layer that writes a row leaves a version of it here. A
layer that looked at a row, or at all rows, is noted as well: when that changes below it, it is to be worked out anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from stdbctl.client.row_bag import Key

Row = TypeVar("Row")


class Overlay(Generic[Row]):
    """One table's versions. `shown`: key -> the topmost version, None where the row is gone; empty without layers."""

    __slots__ = ("_readers", "_scanners", "_versions", "shown")

    def __init__(self) -> None:
        self.shown: dict[Key, Row | None] = {}
        self._versions: dict[Key, dict[int, Row | None]] = {}
        self._readers: dict[Key, set[int]] = {}
        self._scanners: set[int] = set()

    def below(self, number: int, key: Key, truth: Mapping[Key, Row]) -> Row | None:
        """The row that layer `number` finds."""
        versions = self._versions.get(key, {})
        nearest = max((other for other in versions if other < number), default=None)
        return truth.get(key) if nearest is None else versions[nearest]

    def all_below(self, number: int) -> dict[Key, Row | None]:
        """What layer `number` finds in place of truth."""
        found: dict[Key, Row | None] = {}
        for key, versions in self._versions.items():
            nearest = max((other for other in versions if other < number), default=None)
            if nearest is not None:
                found[key] = versions[nearest]
        return found

    def write(self, number: int, key: Key, row: Row | None) -> None:
        """A layer puts a row, or takes it away."""
        versions = self._versions.setdefault(key, {})
        versions[number] = row
        self.shown[key] = versions[max(versions)]

    def erase(self, number: int, key: Key) -> None:
        """A layer leaves the row alone again."""
        versions = self._versions[key]
        del versions[number]
        if versions:
            self.shown[key] = versions[max(versions)]
        else:
            del self._versions[key], self.shown[key]

    def note_reads(self, number: int, keys: Iterable[Key], *, is_scanned: bool) -> None:
        """A layer looked at these rows, or at all."""
        for key in keys:
            self._readers.setdefault(key, set()).add(number)
        if is_scanned:
            self._scanners.add(number)

    def forget_reads(self, number: int, keys: Iterable[Key]) -> None:
        """It will look anew, or never again."""
        self._scanners.discard(number)
        for key in keys:
            readers = self._readers[key]
            readers.discard(number)
            if not readers:
                del self._readers[key]

    def readers(self, key: Key, above: int) -> Iterator[int]:
        """The layers above `above` that looked at a row."""
        yield from (number for number in self._readers.get(key, ()) if number > above)
        yield from (number for number in self._scanners if number > above)

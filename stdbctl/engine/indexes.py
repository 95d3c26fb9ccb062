"""One index of one table: order key -> row (unique), or order key -> rows by their place in the table.

Look-ups by equality are dictionary look-ups. The sorted list of distinct keys that ranges need is made at the first
range and kept from then on, so an index that is only asked for equality costs no sorting at all.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sortedcontainers import SortedList

from stdbctl.engine.ordering import TOP
from stdbctl.records import Bound, Row, StoredRow

Probe = Callable[[Any], Any]
"""A value from outside -> its order key; raises InvalidValue when it does not fit the column."""
Find = Callable[[Row], Row | None]
"""One value for each column, in their order -> the one row that has them; raises InvalidValue as a probe does."""


class Index:
    """`entries`: order key -> StoredRow where `is_unique`, else order key -> {place in the table: StoredRow}.

    `find`: the row with a key, for a unique index; one value for each column, in their order.

    The key is that of the single column, or the tuple of those of all columns. The generated functions of the table
    write `entries` and `ordered`; the index of a primary key shares its `entries` with the table.
    """

    __slots__ = ("columns", "entries", "find", "index_id", "is_unique", "name", "ordered", "probes")

    def __init__(
        self,
        *,
        index_id: int,
        name: str,
        columns: tuple[int, ...],
        is_unique: bool,
        entries: dict[Any, Any],
        probes: tuple[Probe, ...],
        find: Find,
    ) -> None:
        self.index_id, self.name, self.columns, self.is_unique = index_id, name, columns, is_unique
        self.entries = entries
        self.probes, self.find = probes, find
        self.ordered: Any = None  # SortedList of distinct keys once a range was asked; it has no types

    def seek(self, prefix: Row, lower: Bound | None, upper: Bound | None) -> list[StoredRow]:
        """Rows whose first columns equal `prefix` and whose next lies between the bounds, in index order.

        Rows with equal keys come in the order of the table. Cost: the rows given, and their sorting.
        """
        if len(prefix) == len(self.columns):
            return self._rows((self._key(prefix),))
        return self._rows(self._keys_between(prefix, lower, upper))

    def _key(self, values: Row) -> Any:
        if len(self.probes) == 1:
            return self.probes[0](values[0])
        return tuple([probe(value) for probe, value in zip(self.probes, values, strict=True)])

    def _rows(self, keys: Iterable[Any]) -> list[StoredRow]:
        entries = self.entries
        if self.is_unique:
            return [entries[key] for key in keys if key in entries]
        found: list[StoredRow] = []
        for key in keys:
            group = entries.get(key)
            if group:
                found.extend([group[place] for place in sorted(group)] if len(group) > 1 else group.values())
        return found

    def _keys_between(self, prefix: Row, lower: Bound | None, upper: Bound | None) -> Iterable[Any]:
        if self.ordered is None:
            self.ordered = SortedList(self.entries)
        probe = self.probes[len(prefix)]
        low = None if lower is None else (probe(lower.value), lower.inclusive)
        high = None if upper is None else (probe(upper.value), upper.inclusive)
        start, stop = self._single(low, high) if len(self.columns) == 1 else self._composite(prefix, low, high)
        return self.ordered.islice(start, stop)  # type: ignore[no-any-return]  # SortedList has no types

    def _single(self, low: tuple[Any, bool] | None, high: tuple[Any, bool] | None) -> tuple[int, int]:
        keys = self.ordered
        start, stop = 0, len(keys)
        if low is not None:
            start = keys.bisect_left(low[0]) if low[1] else keys.bisect_right(low[0])
        if high is not None:
            stop = keys.bisect_right(high[0]) if high[1] else keys.bisect_left(high[0])
        return start, stop

    def _composite(self, prefix: Row, low: tuple[Any, bool] | None, high: tuple[Any, bool] | None) -> tuple[int, int]:
        """A shorter tuple sorts before every longer one that begins with it, one that ends in TOP behind them all."""
        keys = self.ordered
        parts = tuple([probe(value) for probe, value in zip(self.probes, prefix, strict=False)])
        first = parts if low is None else (*parts, low[0]) if low[1] else (*parts, low[0], TOP)
        last = (*parts, TOP) if high is None else (*parts, high[0], TOP) if high[1] else (*parts, high[0])
        return keys.bisect_left(first), keys.bisect_left(last)

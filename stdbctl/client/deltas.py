"""From the row lists of a message to one delta per table: everything is decoded before anything is applied."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stdbctl.client.cache import TableCache
from stdbctl.client.row_bag import Delta
from stdbctl.protocol import EventRows, QuerySetUpdate, RowList, TableRows

Deltas = dict[TableCache[Any], Delta[Any]]


class DeltaReader:
    """Reads row lists for the tables that the bindings know. `on_unknown(table)`: rows of another one came."""

    def __init__(self, caches: Mapping[str, TableCache[Any]], on_unknown: Callable[[str], None]) -> None:
        self._caches, self._on_unknown = caches, on_unknown

    def of_updates(self, updates: Iterable[QuerySetUpdate], sets: Mapping[int, object]) -> Deltas:
        """What a transaction changed, in the query sets that are still wanted. Raises DecodeError."""
        deltas: Deltas = {}
        for update in updates:
            if update.query_set_id not in sets:
                continue
            for table, entries in update.tables:
                delta = self._delta(deltas, table)
                if delta is None:
                    continue
                cache, rows = delta
                for entry in entries:
                    if isinstance(entry, EventRows):
                        rows.events.append(cache.read(entry.events))
                    else:
                        if entry.inserts.data or entry.inserts.offsets:
                            rows.gained.append(cache.read(entry.inserts))
                        if entry.deletes.data or entry.deletes.offsets:
                            rows.lost.append(cache.read_keys(entry.deletes))
        return deltas

    def of_rows(self, tables: Iterable[TableRows], *, is_gain: bool) -> Deltas:
        """What came or went with a query set. Raises DecodeError."""
        deltas: Deltas = {}
        for table, rows in tables:
            delta = self._delta(deltas, table)
            if delta is not None and (rows.data or rows.offsets):
                if is_gain:
                    delta[1].gained.append(delta[0].read(rows))
                else:
                    delta[1].lost.append(delta[0].read_keys(rows))
        return deltas

    def rows(self, table: str, rows: RowList) -> list[Any] | None:
        """The rows of one list; None when the bindings do not know the table. Raises DecodeError."""
        cache = self._caches.get(table)
        return None if cache is None else list(cache.read(rows)[1])

    def _delta(self, deltas: Deltas, table: str) -> tuple[TableCache[Any], Delta[Any]] | None:
        cache = self._caches.get(table)
        if cache is None:
            self._on_unknown(table)
            return None
        if cache not in deltas:
            deltas[cache] = Delta()
        return cache, deltas[cache]


def event_rows(delta: Delta[Any]) -> list[Any]:
    """The rows of an event table, each as often as it happened: the same row may come by several query sets."""
    if len(delta.events) < 2:
        return list(delta.events[0][1]) if delta.events else []
    counts: Counter[Any] = Counter()
    rows: dict[Any, Any] = {}
    for keys, made in delta.events:
        counts |= Counter(keys)
        rows.update(zip(keys, made, strict=True))
    return [rows[key] for key in rows for _ in range(counts[key])]

"""Rows that are to run: when each is due, and which is first. Nothing here reads a clock.

A point in time is due at that time, an interval first one interval after its row was written, then at every multiple
of it. What was missed is skipped, and nothing drifts: ticks are counted from the moment that was meant, not from the
moment at which the function ran. Rows due at the same moment run in order of table id, then of primary key.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from stdbctl.records import Row, RowChanges, StoredRow
from stdbctl.sats import ScheduleAt, TimeDuration, Timestamp

if TYPE_CHECKING:
    from stdbctl.engine.deployment import Function
    from stdbctl.engine.table import Table

DELAY_MICROS_MAX = (64**6 - 1) * 1000
"""About 2.18 years: SpacetimeDB's limit. A row as far ahead as this, or farther, is refused."""
INTERVAL_MICROS_MIN = 1000
"""Shorter intervals, zero included, count as 1 ms: as often as SpacetimeDB's timer can tell moments apart."""
_STALE_MIN = 1024
"""So many outdated moments may lie in the heap before it is made anew, however few rows wait."""


class Timetable(NamedTuple):
    """A table whose rows run: `column` says when, `key_column` is the primary key, `function` gets the row."""

    table: Table
    column: int
    key_column: int
    function: Function

    def when(self, row: Row) -> ScheduleAt:
        """The row's own word on when it is due."""
        found: ScheduleAt = row[self.column]
        return found

    def row(self, key: int) -> StoredRow | None:
        """The row as it stands now."""
        return self.table.rows.get(key)


class Due(NamedTuple):
    """A row whose moment has come. `at`: the moment that was meant, microseconds."""

    at: int
    table_id: int
    key: int
    function: str


def is_once(when: ScheduleAt) -> bool:
    """Whether this is a point in time, whose row goes once it has run."""
    return isinstance(when.value, Timestamp)


def first_run(when: ScheduleAt, now: int) -> int:
    """When a row written at `now` is due for the first time."""
    return when.value.micros if isinstance(when.value, Timestamp) else now + _interval(when.value)


def next_tick(when: ScheduleAt, at: int, now: int) -> int:
    """The first tick of an interval after `now`, counted from the one that was meant for `at`."""
    assert isinstance(when.value, TimeDuration), "a point in time has one tick"
    every = _interval(when.value)
    return at + every * max(1, (now - at) // every + 1)


def delay_of(when: ScheduleAt, now: int) -> int:
    """How long a row written at `now` waits, microseconds; negative when it is overdue."""
    return when.value.micros - now if isinstance(when.value, Timestamp) else abs(when.value.micros)


def _is_kept(old: Timetable, new: Timetable) -> bool:
    """Whether rows go on waiting under the same keys for the same moments."""
    return (old.column, old.key_column) == (new.column, new.key_column)


def _interval(duration: TimeDuration) -> int:
    return max(abs(duration.micros), INTERVAL_MICROS_MIN)


class Schedules:
    """The moments of all waiting rows of one database.

    Cost: O(log n) for each row that is written, deleted or run; nothing for rows that wait.
    """

    def __init__(self) -> None:
        self._moments: dict[int, dict[int, int]] = {}
        """Table id -> primary key -> moment: what counts."""
        self._heap: list[tuple[int, int, int]] = []
        """(moment, table id, primary key), also of rows that wait no more or for another moment."""
        self._waiting = 0

    @property
    def next_at(self) -> int | None:
        """The earliest moment; None when no row waits."""
        heap = self._heap
        while heap:
            at, table_id, key = heap[0]
            if self._moments.get(table_id, {}).get(key) == at:
                return at
            heapq.heappop(heap)
        return None

    def first(self) -> tuple[int, int, int] | None:
        """The row that is due first: (moment, table id, primary key)."""
        return None if self.next_at is None else self._heap[0]

    def put(self, table_id: int, key: int, at: int) -> None:
        """Let a row wait for a moment, in place of any other that it waits for."""
        moments = self._moments.setdefault(table_id, {})
        self._waiting += key not in moments
        moments[key] = at
        heapq.heappush(self._heap, (at, table_id, key))
        if len(self._heap) > 2 * self._waiting + _STALE_MIN:
            self._rebuild()

    def drop(self, table_id: int, key: int) -> None:
        """Let a row wait no more."""
        if self._moments.get(table_id, {}).pop(key, None) is not None:
            self._waiting -= 1

    def apply(self, changes: RowChanges, timetables: Mapping[int, Timetable], now: int) -> None:
        """Follow a committed transaction: rows that were written wait anew from `now`, deleted ones no more."""
        for change in changes:
            timetable = timetables.get(change.table_id)
            if timetable is None:
                continue
            for stored in change.deleted:
                self.drop(change.table_id, stored.row[timetable.key_column])
            for stored in change.inserted:
                when = timetable.when(stored.row)
                self.put(change.table_id, stored.row[timetable.key_column], first_run(when, now))

    def revert(self, changes: RowChanges, timetables: Mapping[int, Timetable], now: int) -> None:
        """Follow a transaction that was undone: the rows that it touched wait anew from `now`, where they exist."""
        for change in changes:
            timetable = timetables.get(change.table_id)
            if timetable is None:
                continue
            for stored in (*change.deleted, *change.inserted):
                key = stored.row[timetable.key_column]
                present = timetable.row(key)
                self.drop(change.table_id, key)
                if present is not None:
                    self.put(change.table_id, key, first_run(timetable.when(present.row), now))

    def switch(self, old: Mapping[int, Timetable], new: Mapping[int, Timetable], now: int) -> None:
        """Go over to another deployment: tables that are scheduled as before keep every moment."""
        kept = {id_ for id_, timetable in new.items() if id_ in old and _is_kept(old[id_], timetable)}
        for table_id in old.keys() - kept:
            self._waiting -= len(self._moments.pop(table_id, {}))
        for table_id in sorted(new.keys() - kept):
            timetable = new[table_id]
            for key, stored in timetable.table.rows.items():
                self.put(table_id, key, first_run(timetable.when(stored.row), now))

    def _rebuild(self) -> None:
        self._heap = [(at, table_id, key) for table_id, moments in self._moments.items() for key, at in moments.items()]
        heapq.heapify(self._heap)

"""Transactions of the past as lines of NDJSON (docs/server.md, "History")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any  # Any: JSON data

from stdbctl.records import ChangedRows
from stdbctl.sats import dumps
from stdbctl.server.past import Reading
from stdbctl.store import HistoryEntry, HistoryPage, StoredDefinition


@dataclass(frozen=True, slots=True)
class HistoryWriter:
    """Writes entries, each by the definition that it was made under.

    `running`, `program_hash`: what runs now, by which its own entries are read where the store has no definition.
    `table_names`: of all tables that there ever were, by id. `rows_max`: of each table's two lists, None = all.
    """

    running: Reading
    program_hash: str
    table_names: Mapping[int, str]
    rows_max: int | None = None
    _readings: dict[int, Reading] = field(default_factory=dict)
    """By the offset that they begin with."""

    def lines(self, page: HistoryPage) -> str:
        """The transactions of a page in its order, each with its newline."""
        return "".join([self._line(entry, page.definitions) for entry in page.entries])

    def _line(self, entry: HistoryEntry, definitions: Sequence[StoredDefinition]) -> str:
        before, after = self._readings_of(entry, definitions)
        connection, has_function = entry.connection_id, bool(entry.function)
        data = {
            "offset": entry.offset,
            "kind": entry.kind.value,
            "timestamp": entry.timestamp.micros,
            "caller": entry.caller.to_hex(),
            "connection_id": None if connection is None else connection.to_hex(),
            "function": entry.function or None,
            "args": after.args(entry.function, entry.args) if has_function else None,
            "has_present_types": not has_function or after.has_function_of(self.running, entry.function),
            "seed": entry.seed,
            "program": entry.program_hash or None,
            "is_running_program": entry.program_hash == self.program_hash,
            "changes": [self._change(change, before, after) for change in entry.changes],
        }
        return dumps(data) + "\n"

    def _readings_of(self, entry: HistoryEntry, definitions: Sequence[StoredDefinition]) -> tuple[Reading, Reading]:
        """By which to read what an entry deleted, and the rest. What files of older formats do not tell is unknown."""
        unknown = Reading(None, self.table_names)
        made_under = [each for each in definitions if each.since <= entry.offset]
        if not made_under:
            reading = self.running if entry.program_hash == self.program_hash else unknown
            return reading, reading
        after = self._reading(made_under[-1])
        if made_under[-1].since < entry.offset:
            return after, after
        return self._reading(made_under[-2]) if len(made_under) > 1 else unknown, after

    def _reading(self, stored: StoredDefinition) -> Reading:
        if stored.since not in self._readings:
            self._readings[stored.since] = Reading.of(stored)
        return self._readings[stored.since]

    def _change(self, change: ChangedRows, before: Reading, after: Reading) -> dict[str, Any]:
        id_, deleted, inserted = change.table_id, change.deleted, change.inserted
        used = [reading for reading, rows in ((before, deleted), (after, inserted)) if rows]
        name = after.table_names.get(id_) or before.table_names.get(id_) or self.table_names.get(id_)
        return {
            "table": name,
            "table_id": id_,
            "has_present_types": all(reading.has_table_of(self.running, id_) for reading in used),
            "is_event": change.is_event,
            "deleted_count": len(deleted),
            "inserted_count": len(inserted),
            "deleted": before.rows(id_, deleted[: self.rows_max]),
            "inserted": after.rows(id_, inserted[: self.rows_max]),
        }

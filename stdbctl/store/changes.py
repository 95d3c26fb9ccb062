"""The net effect of a group of transactions on rows, sequences and connections: the last write of each key wins.

What every store writes, so that a row changed a hundred times in a group is written once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from stdbctl.records import Entry

RowEffect = dict[bytes, bytes | None]
"""Key -> the row's bytes, None = deleted."""


@dataclass(slots=True)
class Effect:
    """What a group of transactions leaves behind.

    `rows`: by table id. `sequences`: (table id, column) -> next number.
    `connections`: (connection id, identity), both as bytes -> whether connected.
    """

    rows: dict[int, RowEffect] = field(default_factory=dict)
    sequences: dict[tuple[int, int], int] = field(default_factory=dict)
    connections: dict[tuple[bytes, bytes], bool] = field(default_factory=dict)


def net_effect(entries: Iterable[Entry]) -> Effect:
    """Fold the entries, in order; rows of event tables leave nothing."""
    effect = Effect()
    tables = effect.rows
    for entry in entries:
        for table_id, deleted, inserted, is_event in entry.changes:
            if is_event:
                continue
            rows = tables.get(table_id)
            if rows is None:
                rows = tables[table_id] = {}
            for row in deleted:
                rows[row.key] = None
            for row in inserted:
                rows[row.key] = row.data
        for sequence in entry.sequences:
            effect.sequences[sequence.table_id, sequence.column] = sequence.next_value
        for connection in entry.connections:
            key = connection.connection_id.data, connection.identity.data
            effect.connections[key] = connection.connected
    return effect

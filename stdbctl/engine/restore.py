"""Restoring: the rows of another time become the newest transaction, and those who are here join them.

As if the server had been restarted at that time, and its clients had come back: `client_disconnected` runs for the
connections of then that are gone, `client_connected` for those of now that were not there.
"""

from collections.abc import Iterable, Iterator

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.journal import SequenceUndo
from stdbctl.engine.next_tables import UnreadableRows, is_same_shape
from stdbctl.engine.results import Committed
from stdbctl.engine.table import Table
from stdbctl.engine.timeline import Timeline
from stdbctl.records import EntryKind, RowChanges, SequenceState, StoredRow, StoredState, TableChange
from stdbctl.sats import DecodeError, Identity
from stdbctl.schema import ModuleDef


def fits(live: Deployment, module: ModuleDef) -> bool:
    """Whether the rows of another module's tables can stand in those that run, as they are. Cost: none per row."""
    definitions = {definition.name: definition for definition in module.tables}
    return definitions.keys() == live.tables_by_name.keys() and all(
        is_same_shape(table, definitions[name], module.typespace) for name, table in live.tables_by_name.items()
    )


def changes_to(live: Deployment, state: StoredState) -> RowChanges:
    """What turns the rows that there are into those of a state; UnreadableRows. Nothing is changed."""
    tables = sorted(_lasting(live), key=lambda table: table.table_id)
    changes = [_change(table, state.rows.get(table.name, ())) for table in tables]
    return tuple(change for change in changes if change.deleted or change.inserted)


def restore_rows(
    timeline: Timeline, live: Deployment, changes: RowChanges, state: StoredState, caller: Identity
) -> Committed:
    """Make the rows (`changes_to`) and sequences of a state the newest transaction."""
    for change in changes:
        live.tables[change.table_id].apply(change)
    moved = list(_move_sequences(_lasting(live), state))
    states = tuple(SequenceState(s.table_id, s.column, s.next_value) for s, _ in moved)
    return timeline.enter(live, changes, states, tuple(moved), EntryKind.RESTORE, caller)


def _lasting(live: Deployment) -> list[Table]:
    return [table for table in live.tables.values() if not table.is_event]


def _change(table: Table, rows: Iterable[tuple[bytes, bytes]]) -> TableChange:
    """What turns a table's rows into the given ones; only the new ones are decoded."""
    here = {stored.key: stored for stored in table.scan().stored}
    deleted: list[StoredRow] = []
    inserted: list[StoredRow] = []
    for key, data in rows:
        stored = here.pop(key, None)
        if stored is not None and stored.data == data:
            continue
        if stored is not None:
            deleted.append(stored)
        try:
            inserted.append(table.codec.stored(table.codec.decode(data), data))
        except DecodeError as error:
            raise UnreadableRows(table.name, error) from error
    return TableChange(table.table_id, (*deleted, *here.values()), tuple(inserted))


def _move_sequences(tables: Iterable[Table], state: StoredState) -> Iterator[SequenceUndo]:
    for table in tables:
        for sequence in table.sequences:
            wanted = state.sequences.get((table.name, sequence.column), sequence.first)
            if wanted != sequence.next_value:
                yield sequence, sequence.next_value
                sequence.next_value = wanted

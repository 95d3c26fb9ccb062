"""Bring a stored database back: its program, its tables and their rows."""

from collections.abc import Mapping, Sequence

from stdbctl.engine.collector import collector_paused
from stdbctl.engine.deployment import Deployment
from stdbctl.engine.next_tables import UnreadableRows, opened_tables
from stdbctl.engine.plan_over import module_of
from stdbctl.engine.ports import Host, Log, Store
from stdbctl.engine.publish import deploy
from stdbctl.engine.timeline import Timeline
from stdbctl.errors import Problems
from stdbctl.records import Program, ProgramKind, Snapshot
from stdbctl.sats import DecodeError


def stored_deployment(
    store: Store, timeline: Timeline, snapshot: Snapshot, program: Program, hosts: Mapping[ProgramKind, Host], log: Log
) -> Deployment:
    """What `snapshot` says was running, ready to serve, with all rows of the store in its tables.

    Cost: one pass over all stored rows.

    Raises:
        Problems: the program cannot be prepared.
        ProgramMismatch: it does not declare the tables that are stored.
        UnreadableRows: stored bytes are no row of their table.
    """
    prepared = hosts[program.kind].prepare(program)
    if isinstance(prepared, Sequence):
        raise Problems(prepared)
    module = module_of(prepared)
    tables = opened_tables(module, snapshot.tables, timeline.journal)
    counters = {(state.table_id, state.column): state.next_value for state in snapshot.sequences}
    for table in tables:
        try:
            with collector_paused():
                table.restore(store.rows(table.table_id))
        except DecodeError as error:
            raise UnreadableRows(table.name, error) from error
        for sequence in table.sequences:
            sequence.next_value = counters.get((table.table_id, sequence.column), sequence.next_value)
    return deploy(prepared, module, tables, log)

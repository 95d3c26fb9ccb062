"""The undo journal: what the running transaction touched. One per database, because there is one writer.

The rows themselves lie in the tables: `Table.inserted` and `Table.deleted` hold the net changes of the transaction, and
undoing is: take out what was inserted, put back what was deleted. Rows, tables and sequences are noted before they are
changed, and undoing minds neither a change that was never finished nor one that is noted twice: so a call that is
stopped at any moment is rolled back exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdbctl.records import RowChanges, SequenceState

if TYPE_CHECKING:
    from stdbctl.engine.sequences import Sequence
    from stdbctl.engine.table import Table


SequenceUndo = tuple["Sequence", int]
"""A sequence, and the number that it has to go back to."""
Changes = tuple[RowChanges, tuple[SequenceState, ...], tuple[SequenceUndo, ...]]
"""The net effect of a transaction on tables and sequences, and what undoing the latter takes."""
NO_CHANGES: Changes = ((), (), ())


class Journal:
    """`touched`: tables with changes; `moved`: sequences that gave numbers; `is_broken`: a change was cut short.

    `now`: what the clock said when the transaction began, microseconds.
    """

    __slots__ = ("is_broken", "moved", "now", "touched")

    def __init__(self) -> None:
        self.touched: list[Table] = []
        self.moved: list[Sequence] = []
        self.is_broken = False
        self.now = 0

    def commit(self) -> Changes:
        """Take the net changes out and forget how to undo them. Rows of event tables end here."""
        assert not self.is_broken, "a change that was cut short cannot be committed"
        touched = self.touched
        if len(touched) == 1:
            change = touched.pop().take_changes()
            changes: RowChanges = () if change is None else (change,)
        else:
            touched.sort(key=_table_id)
            changes = tuple([change for table in touched if (change := table.take_changes()) is not None])
            touched.clear()
        if not self.moved:
            return changes, (), ()
        states, undo = self._take_moved()
        return changes, states, undo

    def abort(self) -> None:
        """Put everything back as it was before the transaction."""
        for table in self.touched:
            table.undo(is_broken=self.is_broken)
        for sequence in self.moved:
            if sequence.before is not None:
                sequence.next_value, sequence.before = sequence.before, None
        self.touched.clear()
        self.moved.clear()
        self.is_broken = False

    def forget(self) -> None:
        """Give up the transaction of tables that nobody uses any more: nothing is put back."""
        self.touched.clear()
        self.moved.clear()
        self.is_broken = False

    def _take_moved(self) -> tuple[tuple[SequenceState, ...], tuple[SequenceUndo, ...]]:
        """The states to store and to undo, by table and column; an event table counts from the start again."""
        moved = self.moved
        if len(moved) > 1:
            moved.sort(key=_sequence_place)
        states, undo = [], []
        for sequence in moved:
            before = sequence.before
            if before is None:
                continue
            if sequence.is_lasting:
                states.append(SequenceState(sequence.table_id, sequence.column, sequence.next_value))
                undo.append((sequence, before))
            else:
                sequence.next_value = before
            sequence.before = None
        moved.clear()
        return tuple(states), tuple(undo)


def revert(changes: RowChanges, undo: tuple[SequenceUndo, ...], tables: dict[int, Table]) -> None:
    """Undo a committed transaction; the newest one must be undone first."""
    for change in reversed(changes):
        if not change.is_event:
            tables[change.table_id].revert(change)
    for sequence, next_value in undo:
        sequence.next_value = next_value


def _table_id(table: Table) -> int:
    return table.table_id


def _sequence_place(sequence: Sequence) -> tuple[int, int]:
    return sequence.table_id, sequence.column

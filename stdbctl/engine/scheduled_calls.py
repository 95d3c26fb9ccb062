"""Running a row that is due: the reducer's transaction, the end of a row that runs once, the next tick of the rest."""

from stdbctl.engine.results import Committed
from stdbctl.engine.schedules import Due, Timetable, is_once, next_tick
from stdbctl.engine.timeline import Timeline
from stdbctl.records import EntryKind, OutcomeKind
from stdbctl.sats import Identity


def first_due(timeline: Timeline) -> Due | None:
    """The row that is to run now; None when the time of none has come."""
    first, live = timeline.schedules.first(), timeline.live
    if first is None or live is None or first[0] > timeline.clock():
        return None
    return Due(*first, live.timetables[first[1]].function.name)


def run_due(timeline: Timeline, due: Due, sender: Identity) -> tuple[Committed, ...]:
    """Run a row that `first_due` gave: the transactions that this made, with the reducer's own outcome first.

    A row that runs once goes in the reducer's own transaction, so that it never runs twice; if the reducer does not end
    well it goes in another one. Whatever the reducer made of its own row: a point in time goes, an interval goes on.
    """
    live = timeline.live
    assert live is not None, "what is due belongs to a deployment"
    timetable = live.timetables[due.table_id]
    stored = timetable.row(due.key)
    assert stored is not None, "a row that waits is there"
    timeline.schedules.drop(due.table_id, due.key)

    def end() -> None:
        _end(timetable, due.key)

    committed = timeline.run(
        live, timetable.function, stored.data, (stored.row,), sender, None, None, EntryKind.SCHEDULE, finish=end
    )
    done = [committed]
    if committed.outcome.kind is not OutcomeKind.DONE and is_once(timetable.when(stored.row)):
        done.append(timeline.change(live, end, EntryKind.SCHEDULE))
    after = timetable.row(due.key)
    if after is not None and timetable.when(after.row) == timetable.when(stored.row):
        timeline.schedules.put(due.table_id, due.key, next_tick(timetable.when(after.row), due.at, timeline.clock()))
    return tuple(done)


def give_up(timeline: Timeline, table_id: int, key: int) -> None:
    """End a row that runs once, without a run; nothing happens to others."""
    live = timeline.live
    timetable = None if live is None else live.timetables.get(table_id)
    stored = None if timetable is None else timetable.row(key)
    if live is not None and timetable is not None and stored is not None and is_once(timetable.when(stored.row)):
        timeline.change(live, lambda: _end(timetable, key), EntryKind.SCHEDULE)


def _end(timetable: Timetable, key: int) -> None:
    """Delete the row if it runs once; the reducer may have deleted it, or made something else of it."""
    stored = timetable.row(key)
    if stored is not None and is_once(timetable.when(stored.row)):
        timetable.table.remove(stored)

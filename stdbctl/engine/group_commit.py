"""Committed transactions on their way to disk, and the way back when the disk says no.

queue ── begin(): row statements on the engine's thread ──► in flight ── commit on another thread ──► succeed()
  ▲ calls go on and queue up meanwhile                                                         └────► fail(): undo
"""

from collections.abc import Callable
from typing import NamedTuple

from stdbctl.engine.deployment import Deployment
from stdbctl.engine.journal import SequenceUndo, revert
from stdbctl.engine.ports import Store
from stdbctl.engine.results import Client
from stdbctl.records import ConnectionChange, Entry, RowChanges, SchemaChange, SequenceState
from stdbctl.sats import ConnectionId, Identity


class Connection(NamedTuple):
    """A connected client."""

    client: Client
    identity: Identity
    connection_id: ConnectionId

    def change(self, *, is_connected: bool) -> ConnectionChange:
        """What the store keeps of its coming or going."""
        return ConnectionChange(self.connection_id, self.identity, is_connected)


class Extra(NamedTuple):
    """What a transaction does besides changing rows.

    `joined`, `left`: the connections that begin or end with it. `schema`: for a publish, what the store must learn;
    `replaced` is then the deployment before (None for the first), `sequences` the counters that start anew, `rewritten`
    the rows that are stored anew in the shape of the new tables. Those are no news to anybody, and going back to
    `replaced` undoes them.
    """

    joined: Connection | None = None
    left: tuple[Connection, ...] = ()
    schema: SchemaChange | None = None
    replaced: Deployment | None = None
    sequences: tuple[SequenceState, ...] = ()
    rewritten: RowChanges = ()

    def complete(self, entry: Entry) -> Entry:
        """The entry with what is to be stored of this."""
        joined = () if self.joined is None else (self.joined.change(is_connected=True),)
        left = tuple([connection.change(is_connected=False) for connection in self.left])
        return entry._replace(
            changes=self.rewritten + entry.changes,
            sequences=self.sequences + entry.sequences,
            connections=joined + left,
        )


NO_EXTRA = Extra()


class Pending(NamedTuple):
    """A transaction that is committed in memory and not yet durable, with what undoing it takes.

    `deployment`: the one whose tables it changed.
    """

    entry: Entry
    undo: tuple[SequenceUndo, ...]
    deployment: Deployment | None
    extra: Extra


class GroupCommit:
    """The queue and the group that is being committed, oldest first."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: list[Pending] = []
        self._in_flight: list[Pending] = []
        self.is_busy = False
        self.add = self._queue.append

    def begin(self) -> Callable[[], None] | None:
        """Write the queue to the store and return what commits it; None when there is nothing to do.

        A fault while writing is raised by what is returned, so that there is one place where a commit fails.
        """
        assert not self.is_busy, "end_commit must come before the next begin_commit"
        if not self._queue:
            return None
        self.is_busy = True
        self._in_flight = self._queue.copy()
        self._queue.clear()
        try:
            self._write()
        except Exception as error:  # whatever it is: these rows must not be committed
            return _raising(error)
        return self._store.commit

    def succeed(self) -> list[Pending]:
        """The group is on disk: return it."""
        assert self.is_busy, "begin_commit must come before end_commit"
        done, self._in_flight = self._in_flight, []
        self.is_busy = False
        return done

    def fail(self) -> list[Pending]:
        """Take back all that is not on disk, and return it, newest first. Only tables and sequences are undone.

        A publish has nothing to undo here: the tables that it made or built anew go with its deployment.
        """
        assert self.is_busy, "begin_commit must come before end_commit"
        lost = [*reversed(self._queue), *reversed(self._in_flight)]
        self._queue.clear()
        self._in_flight = []
        self.is_busy = False
        for pending in lost:
            if pending.deployment is not None and pending.extra.schema is None:
                revert(pending.entry.changes, pending.undo, pending.deployment.tables)
        return lost

    def _write(self) -> None:
        """One `write` per run of entries; a publish goes alone, with its change of the schema."""
        run: list[Entry] = []
        for pending in self._in_flight:
            if pending.extra.schema is None:
                run.append(pending.entry)
                continue
            if run:
                self._store.write(run)
                run = []
            self._store.write((pending.entry,), pending.extra.schema)
        if run:
            self._store.write(run)


def _raising(error: Exception) -> Callable[[], None]:
    def commit() -> None:
        raise error

    return commit

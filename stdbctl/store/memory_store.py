"""A database that ends with its process: for `--in-memory` servers and the test harness."""

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from stdbctl.records import (
    Entry,
    Program,
    SchemaChange,
    SequenceState,
    Snapshot,
    StoredTable,
    decode_changes,
    encode_changes,
)
from stdbctl.sats import ConnectionId, Identity
from stdbctl.store.changes import net_effect
from stdbctl.store.definitions import StoredDefinition, defined_by, needed
from stdbctl.store.history import HistoryEntry
from stdbctl.store.history_pages import HistoryPage
from stdbctl.store.retention import Retention

HISTORY_ENTRIES_MAX = 10_000
"""How much history is kept in memory; older entries are dropped."""
PAGE_ENTRIES = 1_000


class MemoryStore:
    """Satisfies `engine.ports.Store` without a disk. What `commit` was called for survives `close` and a new engine.

    Rows are the engine's own bytes, held once more by reference.
    """

    def __init__(self, identity: Identity, owner: Identity) -> None:
        self.identity, self.owner = identity, owner
        self._program: Program | None = None
        self._tables: tuple[StoredTable, ...] = ()
        self._names: dict[int, str] = {}
        self._rows: dict[int, dict[bytes, bytes]] = {}
        self._sequences: dict[tuple[int, int], int] = {}
        self._connections: set[tuple[bytes, bytes]] = set()
        self._history: deque[Entry] = deque(maxlen=HISTORY_ENTRIES_MAX)
        self._definitions: tuple[StoredDefinition, ...] = ()
        self._end = (0, 0)
        self._pending: list[tuple[tuple[Entry, ...], SchemaChange | None]] = []

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Around making a database of what is stored; nothing here can be damaged."""
        yield

    def load(self) -> Snapshot:
        """Read what a restart needs, rows excepted."""
        return Snapshot(
            program=self._program,
            identity=self.identity,
            owner=self.owner,
            tables=self._tables,
            sequences=tuple(SequenceState(*key, number) for key, number in sorted(self._sequences.items())),
            connections=tuple((ConnectionId(c), Identity(i)) for c, i in sorted(self._connections)),
            last_offset=self._end[0],
            last_timestamp_micros=self._end[1],
            table_names=self._names.copy(),
        )

    def rows(self, table_id: int) -> Iterator[bytes]:
        """The BSATN of every stored row of one table, in key order."""
        for _, data in sorted(self._rows[table_id].items()):
            yield data

    def history(self, after: int = 0, limit: int = 1_000) -> tuple[HistoryEntry, ...]:
        """At most `limit` transactions with an offset greater than `after`, oldest first, as far as they are kept."""
        return tuple(map(_kept, [entry for entry in self._history if entry.offset > after][:limit]))

    def history_page(self, before: int | None = None) -> HistoryPage:
        """Some transactions before an offset (None = the newest), newest first; from any thread. See KeptHistory."""
        kept = self._history.copy()  # one step of the interpreter: the thread that commits appends meanwhile
        definitions = self._definitions  # after history: `commit` defines before it appends
        found = (entry for entry in reversed(kept) if before is None or entry.offset < before)
        return HistoryPage(tuple(map(_kept, islice(found, PAGE_ENTRIES))), definitions)

    def compact_history(self, retention: Retention, now: int) -> bool:
        """Forget the oldest transactions that need not be kept, but not the newest. See KeptHistory."""
        kept = self._history
        while len(kept) > 1 and retention.is_due(kept[0].offset, kept[0].timestamp.micros, end=self._end[0], now=now):
            kept.popleft()
        if kept:
            self._definitions = needed(self._definitions, kept[0].offset)
        return False

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        """Take entries into the open group."""
        self._pending.append((tuple(entries), schema))

    def commit(self) -> None:
        """Make the open group part of what is stored."""
        pending, self._pending = self._pending, []
        for entries, schema in pending:
            if schema is not None:
                self._rows |= {table.table_id: {} for table in schema.created}
                self._program, self._tables = schema.program, schema.catalog
                self._names |= {table.table_id: table.name for table in schema.catalog}
                self._define(defined_by(schema, entries[-1].offset))
            self._apply(entries)
            for table_id in schema.dropped if schema is not None else ():
                self._drop(table_id)

    def probe(self) -> None:
        """Memory always takes another transaction."""

    def rollback(self) -> None:
        """Give up the open group."""
        self._pending.clear()

    def close(self) -> None:
        """Give up the open group; what is stored stays for as long as this object does."""
        self._pending.clear()

    def _apply(self, entries: Sequence[Entry]) -> None:
        effect = net_effect(entries)
        for table_id, changed in effect.rows.items():
            rows = self._rows[table_id]
            for key, data in changed.items():
                if data is None:
                    rows.pop(key, None)
                else:
                    rows[key] = data
        self._sequences |= effect.sequences
        for connection, is_connected in effect.connections.items():
            (self._connections.add if is_connected else self._connections.discard)(connection)
        self._history.extend(entries)
        if entries:
            self._end = entries[-1].offset, entries[-1].timestamp.micros

    def _define(self, brought: StoredDefinition) -> None:
        kept = needed(self._definitions, self._history[0].offset if self._history else brought.since)
        if not brought.says_the_same(kept[-1] if kept else None):
            kept += (brought,)
        self._definitions = kept

    def _drop(self, table_id: int) -> None:
        del self._rows[table_id]
        self._sequences = {key: number for key, number in self._sequences.items() if key[0] != table_id}


def _kept(entry: Entry) -> HistoryEntry:
    return HistoryEntry(*entry[:9], decode_changes(encode_changes(entry.changes)))

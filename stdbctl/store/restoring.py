"""Restoring a snapshot into a database that nobody serves: into its file, or in place of a file that is damaged.

The first is one transaction like any other, and history goes on with it. The second puts a copy of the snapshot in the
place of the damaged file, which is kept beside it as `damaged-<number>.sqlite3`: history goes on from the snapshot.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stdbctl.records import (
    ConnectionChange,
    Entry,
    EntryKind,
    SchemaChange,
    SequenceState,
    StoredRow,
    StoredTable,
    TableChange,
)
from stdbctl.sats import Identity, Timestamp
from stdbctl.store.copies import DatabaseCopy, KeyedRow
from stdbctl.store.errors import StoreDamaged, store_faults
from stdbctl.store.lock import FolderLock
from stdbctl.store.snapshots import SnapshotInfo, SnapshotRetention, Snapshots, copy_file, sync_file
from stdbctl.store.sqlite import beside_of, put_aside, sync_folder, unlink_with_journal
from stdbctl.store.sqlite_store import DATABASE_FILE, SqliteStore


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the tables of a copy belong in a database: `ids` by name, `catalog` as it will be."""

    ids: Mapping[str, int]
    catalog: tuple[StoredTable, ...]
    created: tuple[StoredTable, ...]
    dropped: tuple[int, ...]


def restore_into(store: SqliteStore, copy: DatabaseCopy, *, caller: Identity, now: int, keeps_program: bool) -> int:
    """Make the state of a copy the newest transaction of an open store, on disk when this returns; its offset.

    `now`: µs since 1970. `keeps_program`: the store's own program goes on, whose tables must be those of the copy. Who
    was connected when the copy was made counts as connected, so that the next opening sees them off.
    """
    before = store.load()
    assert before.program is not None, "a database is known only once something was published to it"
    copied = {table.name: table for table in copy.catalog}
    places = _places(before.tables, copied, before.table_names)
    program = before.program if keeps_program else (copy.program or before.program)
    entry = Entry(
        offset=before.last_offset + 1,
        kind=EntryKind.RESTORE,
        timestamp=Timestamp(max(now, before.last_timestamp_micros + 1)),
        caller=caller,
        connection_id=None,
        function="",
        args=b"",
        seed=0,
        program_hash=program.hash,
        changes=tuple(_changes(store, copy, places, copied)),
        sequences=tuple(_sequences(copy, places, copied)),
        connections=tuple(ConnectionChange(connection, identity, True) for connection, identity in copy.connections),
    )
    schema = None
    if not keeps_program:
        schema = SchemaChange(program, places.created, places.dropped, places.catalog, copy.definition)
    store.overwrite(entry, schema)
    return entry.offset


@dataclass(frozen=True, slots=True)
class ClosedRestore:
    """What a restore into files did. `before`: the snapshot of what was there; None where that could not be read.

    `offset`: the new transaction. `damaged`: where the file that could not be read is kept.
    """

    before: SnapshotInfo | None
    offset: int
    damaged: Path | None


def restore_closed(
    folder: Path,
    kept: Snapshots,
    name: str,
    *,
    identity: Identity,
    caller: Identity,
    now: int,
    keeps_program: bool,
    retention: SnapshotRetention,
) -> ClosedRestore:
    """Restore a snapshot into a database that is not open, be its file whole or not. See `restore_into`.

    Raises:
        StoreFault: the snapshot is damaged or of another database, or the disk says no; the database is as it was.
    """
    with kept.open(name) as copy, contextlib.ExitStack() as opened:
        copy.check()
        copy.expect(identity)
        before, aside = None, None
        try:
            store = _open_whole(folder)
        except StoreDamaged:
            aside = replace_file(folder, copy.path)
            store, keeps_program = SqliteStore(folder), False
            opened.callback(store.close)
        else:
            opened.callback(store.close)
            before = kept.save_before("restore", f"restore of `{name}`", retention)
        offset = restore_into(store, copy, caller=caller, now=now, keeps_program=keeps_program)
    return ClosedRestore(before, offset, aside)


def _open_whole(folder: Path) -> SqliteStore:
    store = SqliteStore(folder)
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return store


def _places(stored: Iterable[StoredTable], copied: Mapping[str, StoredTable], ever: Iterable[int]) -> _Places:
    """Tables and indexes that are known keep their ids, others get new ones above all."""
    known = {table.name: table for table in stored}
    tables = (*known.values(), *copied.values())
    table_id = max((*ever, *(table.table_id for table in tables)), default=0)
    index_id = max((id_ for table in tables for id_ in table.index_ids.values()), default=0)
    catalog = []
    for name, table in sorted(copied.items()):
        old = known.get(name)
        table_id += old is None
        index_ids = {}
        for index in sorted(table.index_ids):
            is_known = old is not None and index in old.index_ids
            index_id += not is_known
            index_ids[index] = old.index_ids[index] if old is not None and is_known else index_id
        catalog.append(StoredTable(table_id if old is None else old.table_id, name, index_ids))
    catalog.sort(key=lambda table: table.table_id)
    created = tuple(table for table in catalog if table.name not in known)
    dropped = tuple(table.table_id for name, table in known.items() if name not in copied)
    return _Places({table.name: table.table_id for table in catalog}, tuple(catalog), created, dropped)


def _changes(
    store: SqliteStore, copy: DatabaseCopy, places: _Places, copied: Mapping[str, StoredTable]
) -> Iterator[TableChange]:
    """What turns the stored rows into those of the copy, by ascending table id."""
    fresh = {table.table_id for table in places.created}
    sources = {places.ids[name]: table.table_id for name, table in copied.items()}
    for table_id in sorted({*sources, *places.dropped}):
        here = () if table_id in fresh else store.keyed_rows(table_id)
        there = copy.rows(sources[table_id]) if table_id in sources else ()
        deleted, inserted = [], []
        for old, new in paired(here, there):
            if old is not None and old != new:
                deleted.append(_stored(old))
            if new is not None and old != new:
                inserted.append(_stored(new))
        if deleted or inserted:
            yield TableChange(table_id, tuple(deleted), tuple(inserted))


def paired(left: Iterable[KeyedRow], right: Iterable[KeyedRow]) -> Iterator[tuple[KeyedRow | None, KeyedRow | None]]:
    """Go through two lists of rows, both in the order of their keys, side by side; None where one has no such key."""
    lefts, rights = iter(left), iter(right)
    here, there = next(lefts, None), next(rights, None)
    while here is not None or there is not None:
        if there is None or (here is not None and here[0] < there[0]):
            yield here, None
            here = next(lefts, None)
        elif here is None or there[0] < here[0]:
            yield None, there
            there = next(rights, None)
        else:
            yield here, there
            here, there = next(lefts, None), next(rights, None)


def _stored(row: KeyedRow) -> StoredRow:
    key, data = row
    return StoredRow((), data, key)


def _sequences(copy: DatabaseCopy, places: _Places, copied: Mapping[str, StoredTable]) -> Iterator[SequenceState]:
    names = {table.table_id: name for name, table in copied.items()}
    for sequence in copy.sequences:
        if sequence.table_id in names:
            yield sequence._replace(table_id=places.ids[names[sequence.table_id]])


def replace_file(folder: Path, snapshot: Path) -> Path | None:
    """Put a copy of a snapshot where a database's file stands, or stood; where that is kept now, None if it was gone.

    The database must not be open. A crash leaves the old file, the new one, or none, which the next attempt completes.
    """
    file = folder / DATABASE_FILE
    beside = beside_of(file)
    with store_faults(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(folder)
    try:
        with store_faults(beside, "written"):
            unlink_with_journal(beside)
            copy_file(snapshot, beside, is_frozen=True)
            with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as connection:
                connection.execute("DELETE FROM meta WHERE key = 'snapshot'")
            sync_file(beside)
            kept = put_aside(file)
            sync_folder(folder)  # the new file must never be found beside the log of the old one
            os.replace(beside, file)
            sync_folder(folder)
    finally:
        lock.release()
    return kept

"""A database in one SQLite file."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from stdbctl.errors import StdbctlError
from stdbctl.records import Entry, SchemaChange, Snapshot
from stdbctl.sats import Identity
from stdbctl.store import tables
from stdbctl.store.checks import Checks, RowsSum, check_all, check_small, noted, rows_of
from stdbctl.store.errors import StoreFault, StoreLost, busy, damaged, readable, store_faults
from stdbctl.store.files import FilesInPlace
from stdbctl.store.group_writer import GroupWriter
from stdbctl.store.history import HistoryEntry, HistoryError, checked_blob, history_entries
from stdbctl.store.history_pages import HistoryPage, read_page
from stdbctl.store.lock import FolderLock
from stdbctl.store.retention import Retention, delete_step
from stdbctl.store.sqlite import check_file, check_format, check_whole, connect, create_file, remove_unfinished
from stdbctl.store.structure import StructureCheck
from stdbctl.store.upgrade import OLDEST, holds_more, sign, upgrade

DATABASE_FILE = "database.sqlite3"
_CACHE_KIB = 32 * 1024
_CHECKPOINT_PAGES = 4_000
"""16 MiB of log between checkpoints: larger groups of pages are written back at once (measured: docs/store.md)."""
LOCK_WAIT_S = 5.0
"""How long a group waits, on the thread that commits, for another program's transaction on the file to end."""
_READERS_WAIT_MS = 1_000
"""How long the end waits for those who read history: their steps take some milliseconds."""
_PROBE = "INSERT OR REPLACE INTO meta VALUES ('probe', randomblob(16))"
"""The smallest transaction. SQLite writes no page that stays as it is, so it must change something."""


class SqliteStore:
    """The durable side of one database: `engine.ports.Store`, in the folder `path`.

    Opening takes the folder's lock. The caller's thread never waits for another program that holds the file; only
    `commit` may run on another thread, and waits. It also writes the rows of large groups.

    Raises:
        StoreFault: the file is missing, damaged, locked, of a newer format, or the disk says no.
        StoreLost: the file was taken away, or cannot be brought back to what was acknowledged: close, and open again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / DATABASE_FILE
        self._is_closed = self._is_unsure = self._has_compacted = False
        self._deferred: list[tuple[tuple[Entry, ...], SchemaChange | None]] = []
        self._lock = FolderLock(path)
        try:
            remove_unfinished(self.path)
            check_file(self.path, tables.APPLICATION_ID)
            self._connection = connect(self.path, synchronous="FULL")
        except BaseException:
            self._lock.release()
            raise
        try:
            self._open()
        except BaseException:
            self._connection.close()
            self._lock.release()
            raise

    @classmethod
    def create(cls, path: Path, identity: Identity, owner: Identity) -> "SqliteStore":
        """Make a new database in the folder `path` (made too, if need be), and open it."""
        with store_faults(path, "created"):
            path.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(path)
        try:
            create_file(
                path / DATABASE_FILE,
                tables.APPLICATION_ID,
                lambda connection: _fill(connection, identity, owner),
            )
        finally:
            lock.release()
        return cls(path)

    def _open(self) -> None:
        with readable(self.path):
            meta = tables.read_meta(self._connection)
            version, identity, owner = meta.get("format"), meta.get("identity"), meta.get("owner")
            if not (isinstance(version, int) and isinstance(identity, bytes) and isinstance(owner, bytes)):
                raise damaged(self.path, "its table `meta` is not complete")
            if version < OLDEST:
                raise damaged(self.path, f"its format is {version}, and the first one was {OLDEST}")
            check_format(self.path, version, tables.FORMAT, written_by=meta.get("written_by"))
            self.identity, self.owner = Identity(identity), Identity(owner)
            if version < tables.FORMAT:
                if holds_more(self._connection, version):
                    raise damaged(self.path, f"its format is {version}, and it holds what came with later ones")
                check_whole(self.path, self._connection)  # its sums will be of what is there
        with store_faults(self.path, "written"):
            if version < tables.FORMAT:
                upgrade(self._connection, version)
        with readable(self.path):
            check_small(self.path, self._connection)
            self._writer = GroupWriter(self._connection)
        with store_faults(self.path, "written"):
            sign(self._connection, meta.get("written_by"))
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            self._connection.execute("UPDATE meta SET value = 0 WHERE key = 'clean'")
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._offset = self._next_offset = tables.read_end(self._connection)[0]
            self._files = FilesInPlace(self.path)
            self._structure = StructureCheck(self.path)

    def wait_checked(self) -> None:
        """Return once the structure of the whole file was found sound; StoreDamaged when it was not.

        It is read on a thread of its own from the opening on, and no group is written before it has ended.
        """
        self._structure.wait()

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Around making a database of what is stored: StoreDamaged if that fails or the file is not whole."""
        try:
            yield
        except StdbctlError:
            raise
        except Exception:
            self.check()  # which says what it is that could not be used
            raise
        self.wait_checked()

    def load(self) -> Snapshot:
        """Read what a restart needs, rows excepted."""
        with readable(self.path):
            last_offset, last_timestamp = tables.read_end(self._connection)
            return Snapshot(
                program=tables.read_program(self._connection),
                identity=self.identity,
                owner=self.owner,
                tables=tables.read_catalog(self._connection),
                sequences=tables.read_sequences(self._connection),
                connections=tables.read_connections(self._connection),
                last_offset=last_offset,
                last_timestamp_micros=last_timestamp,
                table_names=tables.read_table_names(self._connection),
            )

    def rows(self, table_id: int) -> Iterator[bytes]:
        """The BSATN of every stored row of one table, in key order."""
        with store_faults(self.path, "read"):
            found = RowsSum()
            for slice_ in rows_of(self._connection, table_id):
                found.add(slice_)
                yield from map(_second, slice_)
            name = tables.read_table_names(self._connection).get(table_id, str(table_id))
            found.expect(self.path, table_id, noted(self._connection), name)

    def keyed_rows(self, table_id: int) -> Iterator[tuple[bytes, bytes]]:
        """Key and BSATN of every stored row of one table, in key order."""
        with store_faults(self.path, "read"):
            query = f"SELECT key, coalesce(data, key) FROM {tables.rows_table(table_id)} ORDER BY key"
            yield from self._connection.execute(query)

    def check(self) -> None:
        """Read the whole file and all that is in it; StoreDamaged at the first contradiction."""
        check_all(self.path, self._connection)

    def history(self, after: int = 0, limit: int = 1_000) -> tuple[HistoryEntry, ...]:
        """At most `limit` transactions with an offset greater than `after`, oldest first."""
        found: list[HistoryEntry] = []
        with store_faults(self.path, "read"):
            hashes = dict(self._connection.execute("SELECT id, hash FROM programs"))
            try:
                for group in tables.read_history(self._connection, after):
                    found += [entry for entry in history_entries(*checked_blob(group), hashes) if entry.offset > after]
                    if len(found) >= limit:
                        break
            except HistoryError as error:
                raise damaged(self.path, f"its history cannot be read: {error}") from error
        return tuple(found[:limit])

    def history_page(self, before: int | None = None) -> HistoryPage:
        """Some transactions before an offset (None = the newest), newest first; from any thread. See KeptHistory."""
        return read_page(self.path, before)

    def compact_history(self, retention: Retention, now: int) -> bool:
        """Delete a few of the oldest transactions that need not be kept; whether more may go. See KeptHistory."""
        assert not self._connection.in_transaction, "between two groups"
        with store_faults(self.path, "compacted"):
            before = self._connection.total_changes
            has_more = delete_step(self._connection, retention, now)
            self._has_compacted |= self._connection.total_changes > before
        if self._has_compacted and not has_more:
            self._has_compacted = False
            self._empty_log()
        return has_more

    def _empty_log(self) -> None:
        """Bring SQLite's log into the file and cut it to nothing, unless somebody reads.

        What was brought there before and still lies in the log would be harmful if the log lost its end later on: older
        pages would go over newer ones. Where the disk says no, the log stays as it is.
        """
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def write(self, entries: Sequence[Entry], schema: SchemaChange | None = None) -> None:
        """Put entries (history, rows, sequences, connections) into the open SQLite transaction.

        Begins one if none is open. Cost: one statement per table and kind, whatever the number of entries.
        After a StoreFault the group is unusable: `rollback`.
        """
        with store_faults(self.path, "written"):
            if not (self._connection.in_transaction or (not self._deferred and self._begin())):
                self._deferred.append((tuple(entries), schema))
                return
            self._write(entries, schema)

    def overwrite(self, entry: Entry, schema: SchemaChange | None) -> None:
        """Write and commit one transaction whose sequences are all that there are; StoreFault leaves all as it was."""
        try:
            with store_faults(self.path, "written"):
                self._wait_for_lock()
                self._writer.forget_sequences()
                self._write((entry,), schema)
            self.commit()
        except StoreFault:
            self.rollback()
            raise

    def _begin(self) -> bool:
        """Begin a transaction unless another program is in one."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        return True

    def _write(self, entries: Sequence[Entry], schema: SchemaChange | None) -> None:
        self._structure.wait()
        self._writer.write(entries, schema)
        if entries:
            self._next_offset = entries[-1].offset

    def commit(self) -> None:
        """Commit and fsync the open transaction. May run on a second thread; without a transaction it does nothing.

        What could not be written because another program held the file is written here, once it lets go.
        """
        with store_faults(self.path, "committed"):
            if self._deferred:
                self._write_deferred()
            self._writer.write_late()
            if self._connection.in_transaction:
                self._commit()

    def _write_deferred(self) -> None:
        self._wait_for_lock()
        for entries, schema in self._deferred:
            self._write(entries, schema)
        self._deferred.clear()

    def _wait_for_lock(self) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {int(LOCK_WAIT_S * 1000)}")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise busy(self.path, LOCK_WAIT_S) from error
            raise
        finally:
            self._connection.execute("PRAGMA busy_timeout = 0")

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._is_unsure = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_FSYNC
            raise
        self._files.check()
        self._offset = self._next_offset

    def probe(self) -> None:
        """Write and sync something that means nothing: StoreFault while the file takes no transaction.

        May run on a second thread, between two groups.
        """
        with store_faults(self.path, "written"):
            self._wait_for_lock()
            try:
                self._connection.execute(_PROBE)
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                self._connection.rollback()
                raise
        self._files.check()

    def rollback(self) -> None:
        """Give up the open transaction, if there is one.

        Raises:
            StoreLost: the file does not end with the last transaction that was acknowledged.
        """
        self._deferred.clear()
        try:
            with store_faults(self.path, "rolled back"):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if self._is_unsure:
                    # The log holds the group to its last byte, unsynced: the next one is written over it, so that a
                    # restart does not find what was said to be undone.
                    self._connection.execute(_PROBE)
                    self._is_unsure = False
                self._writer.load()
                offset = tables.read_end(self._connection)[0]
        except StoreFault as fault:
            raise StoreLost(self.path, what=fault.what, why=fault.why, fix=fault.fix) from fault
        self._files.check()
        if offset != self._offset:
            raise StoreLost(
                self.path,
                what=f"`{self.path}` could not be rolled back",
                why=f"it ends with transaction {offset}, and {self._offset} is the last that was acknowledged",
                fix="open it again from the file",
            )

    def close(self) -> None:
        """Roll back what was not committed, note that the end was orderly, release file and folder. Once is enough."""
        if self._is_closed:
            return
        self._is_closed = True
        self._structure.stop()
        try:
            # Only a mark: where it cannot be written, the next start reads the whole file.
            with contextlib.suppress(StoreFault):
                self._structure.wait()
                self.rollback()
                with store_faults(self.path, "closed"):
                    self._connection.execute("UPDATE meta SET value = 1 WHERE key = 'clean'")
                self._connection.execute(f"PRAGMA busy_timeout = {_READERS_WAIT_MS}")
                self._empty_log()
        finally:
            try:
                self._connection.close()
            finally:
                self._lock.release()


_second: Callable[[tuple[bytes, bytes]], bytes] = itemgetter(1)


def _fill(connection: sqlite3.Connection, identity: Identity, owner: Identity) -> None:
    tables.create_tables(connection, identity, owner)
    Checks(connection).put_schema()

"""The data folder of a server.

    DATA_DIR/
      lock                       the process that serves from here
      databases.sqlite3          the list of databases, format 1 (`PRAGMA user_version`):
                                 databases (identity, owner, created in µs, state), names (name, identity, position)
      databases/<identity>/      one folder per database: database.sqlite3, database.json, log.sqlite3, lock
      snapshots/<identity>/      its snapshots, as stdbctl.store.snapshots says
      keys/                      id_ecdsa and id_ecdsa.pub, unless the server is told of another folder

A database is entered in the list as `new` before its folder is made, and as `gone` before its folder is deleted;
whatever a crash left of either is removed at the next start. A folder that the list does not name is never touched.
"""

import contextlib
import enum
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stdbctl.sats import Identity, Timestamp
from stdbctl.store.databases import DatabaseRecord, NameTaken, find_record
from stdbctl.store.errors import StoreDamaged, StoreFault, damaged, store_faults
from stdbctl.store.lock import FolderLock
from stdbctl.store.log_store import LogStore
from stdbctl.store.record_files import noted_records, read_record, write_record
from stdbctl.store.snapshots import Snapshots
from stdbctl.store.sqlite import (
    check_file,
    check_format,
    check_whole,
    connect,
    create_file,
    put_aside,
    sync_folder,
)
from stdbctl.store.sqlite_store import DATABASE_FILE, SqliteStore

LIST_FILE = "databases.sqlite3"
_FORMAT = 1
_APPLICATION_ID = 0x5354_4C53


class _State(enum.Enum):
    NEW = "new"
    READY = "ready"
    GONE = "gone"


class DataDir:
    """The databases in a data folder, which is made if missing and held until `close`.

    Raises:
        StoreFault: in use by another process (FolderLocked), damaged, of a newer format, or the disk says no.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """What an operator should know: the list of databases was damaged."""
        self.keys_path = path / "keys"
        self._folders, self._snapshots = path / "databases", path / "snapshots"
        with store_faults(path, "created"):
            self._folders.mkdir(parents=True, exist_ok=True)
        self._lock = FolderLock(path)
        try:
            self._connection = self._open_list(path / LIST_FILE)
        except BaseException:
            self._lock.release()
            raise
        with contextlib.suppress(StoreFault):  # a full disk can be read from; then before the next creation
            self._finish_interrupted()
        try:
            self._remove_unfinished()
            self._note_records()
        except BaseException:
            self.close()
            raise

    def _open_list(self, file: Path) -> sqlite3.Connection:
        self._list_path = file
        try:
            return self._open_whole_list(file)
        except StoreDamaged as error:
            self._make_list_anew(file, error)
        return self._open_whole_list(file)

    def _make_list_anew(self, file: Path, error: StoreDamaged) -> None:
        """Put a damaged list aside, and make one of what the folders say; StoreDamaged when one says nothing.

        The list of a new data folder is made in the same way.
        """
        try:
            records = noted_records(self._folders)
        except StoreDamaged as unknown:
            raise StoreDamaged(
                file,
                what=error.what,
                why=f"{error.why}; it cannot be made anew, because `{unknown.path}` {unknown.why[3:]}",
                fix="put a copy of it back: the databases themselves are untouched in their folders",
            ) from error
        with store_faults(file, "written"):
            aside = put_aside(file)
            sync_folder(self.path)  # the new list must never be found beside the log of the old one
        create_file(file, _APPLICATION_ID, lambda connection: _fill_list(connection, records))
        if aside is None and not records:
            return
        kept = "" if aside is None else f"; the damaged one is kept as `{aside}`"
        self.notice = f"{error.why}: `{file}` was made anew from the folders of {len(records)} databases{kept}"

    def _open_whole_list(self, file: Path) -> sqlite3.Connection:
        check_file(file, _APPLICATION_ID)
        connection = connect(file, synchronous="FULL")
        try:
            with store_faults(file, "read"):
                check_format(file, connection.execute("PRAGMA user_version").fetchone()[0], _FORMAT)
                check_whole(file, connection)
                connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _finish_interrupted(self) -> None:
        """Undo a creation and complete a deletion that a crash cut short."""
        with store_faults(self._list_path, "read"):
            left = self._connection.execute(
                "SELECT identity FROM databases WHERE state <> ?", (_State.READY.value,)
            ).fetchall()
        for (identity,) in left:
            self._remove(Identity(identity))

    def _remove_unfinished(self) -> None:
        """Delete what a crash left of taking snapshots; a database's own folder is looked after when it is opened."""
        for record in self.all():
            self.snapshots(record.identity, lambda: 0).remove_unfinished()

    def _note_records(self) -> None:
        """Bring up to the list what the databases' folders say of them; what a disk refuses is noted another time."""
        for record in self.all():
            self._note(record)

    def _note(self, record: DatabaseRecord) -> None:
        folder = self.folder(record.identity)
        if folder.is_dir() and read_record(folder) != record:
            with contextlib.suppress(StoreFault):
                write_record(folder, record)

    def folder(self, identity: Identity) -> Path:
        """The folder of a database."""
        return self._folders / identity.to_hex()

    def all(self) -> tuple[DatabaseRecord, ...]:
        """Every database, the oldest first."""
        with store_faults(self._list_path, "read"):
            rows = self._connection.execute(
                "SELECT identity, owner, created FROM databases WHERE state = ? ORDER BY created, identity",
                (_State.READY.value,),
            ).fetchall()
            return tuple(
                DatabaseRecord(Identity(identity), Identity(owner), Timestamp(created), self._names(identity))
                for identity, owner, created in rows
            )

    def _names(self, identity: bytes) -> tuple[str, ...]:
        rows = self._connection.execute("SELECT name FROM names WHERE identity = ? ORDER BY position", (identity,))
        return tuple(name for (name,) in rows)

    def find(self, name_or_identity: str) -> DatabaseRecord | None:
        """The database with this name, or with this identity (64 hex digits)."""
        return find_record(self.all(), name_or_identity)

    def create(self, record: DatabaseRecord) -> None:
        """Enter a new database and make its folder; NameTaken when one of its names is."""
        key = record.identity.data
        folder = self.folder(record.identity)
        if folder.exists():
            raise StoreFault(folder, what=f"`{folder}` exists already", fix="remove it, or choose another data folder")
        self._finish_interrupted()  # what a full disk left undone must not hold a name
        with self._change():
            self._connection.execute(
                "INSERT INTO databases VALUES (?, ?, ?, ?)",
                (key, record.owner.data, record.created.micros, _State.NEW.value),
            )
            self._enter_names(record.identity, record.names)
        try:
            SqliteStore.create(folder, record.identity, record.owner).close()
            write_record(folder, record)
            sync_folder(self._folders)
        except BaseException:
            with contextlib.suppress(StoreFault):  # then before the next creation, or at the next start
                self._remove(record.identity)
            raise
        with self._change():
            self._connection.execute("UPDATE databases SET state = ? WHERE identity = ?", (_State.READY.value, key))

    def rename(self, identity: Identity, names: Sequence[str]) -> None:
        """Give a database these names and no others; NameTaken when one belongs to another database."""
        with self._change():
            self._connection.execute("DELETE FROM names WHERE identity = ?", (identity.data,))
            self._enter_names(identity, names)
        self._note_records()

    def _enter_names(self, identity: Identity, names: Sequence[str]) -> None:
        for position, name in enumerate(dict.fromkeys(names)):
            holder = self._connection.execute("SELECT identity FROM names WHERE name = ?", (name,)).fetchone()
            if holder is not None:
                raise NameTaken(self.path, name, Identity(holder[0]))
            self._connection.execute("INSERT INTO names VALUES (?, ?, ?)", (name, identity.data, position))

    def delete(self, identity: Identity) -> None:
        """Forget a database and everything in its folder. Its store and log must be closed."""
        with self._change():
            self._connection.execute(
                "UPDATE databases SET state = ? WHERE identity = ?", (_State.GONE.value, identity.data)
            )
            self._connection.execute("DELETE FROM names WHERE identity = ?", (identity.data,))
        self._remove(identity)

    def _remove(self, identity: Identity) -> None:
        for folder in (self._snapshots / identity.to_hex(), self.folder(identity)):
            with store_faults(folder, "deleted"):
                if folder.exists():
                    shutil.rmtree(folder)
                    sync_folder(folder.parent)
        with self._change():
            self._connection.execute("DELETE FROM names WHERE identity = ?", (identity.data,))
            self._connection.execute("DELETE FROM databases WHERE identity = ?", (identity.data,))

    def open_store(self, identity: Identity) -> SqliteStore:
        """The store of a database; one at a time."""
        store = SqliteStore(self.folder(identity))
        if store.identity != identity:
            store.close()
            raise damaged(store.path, f"it is the file of another database, {store.identity}")
        return store

    def open_log(self, identity: Identity) -> LogStore:
        """The module's log of a database; one at a time."""
        return LogStore(self.folder(identity))

    def snapshots(self, identity: Identity, clock: Callable[[], int]) -> Snapshots:
        """The snapshots of a database, open or not; `clock() -> µs since 1970`."""
        return Snapshots(self._snapshots / identity.to_hex(), self.folder(identity) / DATABASE_FILE, clock)

    def close(self) -> None:
        """Let go of the data folder."""
        try:
            with store_faults(self._list_path, "closed"):
                self._connection.close()
        finally:
            self._lock.release()

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        """One transaction on the list."""
        with store_faults(self._list_path, "written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _create_list(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE databases (identity BLOB PRIMARY KEY, owner BLOB NOT NULL, created INTEGER NOT NULL,"
        " state TEXT NOT NULL) WITHOUT ROWID"
    )
    connection.execute(
        "CREATE TABLE names (name TEXT PRIMARY KEY, identity BLOB NOT NULL REFERENCES databases,"
        " position INTEGER NOT NULL) WITHOUT ROWID"
    )
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


def _fill_list(connection: sqlite3.Connection, records: Sequence[DatabaseRecord]) -> None:
    _create_list(connection)
    for record in records:
        key = record.identity.data
        entry = (key, record.owner.data, record.created.micros, _State.READY.value)
        connection.execute("INSERT INTO databases VALUES (?, ?, ?, ?)", entry)
        names = [(name, key, position) for position, name in enumerate(record.names)]
        connection.executemany("INSERT INTO names VALUES (?, ?, ?)", names)

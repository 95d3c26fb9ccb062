"""What outlives the process: databases in SQLite files, the module's log, the server's data folder. docs/store.md."""

from stdbctl.store.copies import DatabaseCopy, KeyedRow
from stdbctl.store.data_dir import DataDir
from stdbctl.store.databases import DatabaseRecord, Databases, NameTaken
from stdbctl.store.definitions import StoredDefinition
from stdbctl.store.errors import StoreDamaged, StoreFault, StoreLost
from stdbctl.store.history import HistoryEntry
from stdbctl.store.history_pages import HistoryPage, KeptHistory
from stdbctl.store.lock import FolderLock, FolderLocked
from stdbctl.store.log_store import Log, LogLine, LogStore, MemoryLog
from stdbctl.store.memory_databases import MemoryDatabases
from stdbctl.store.memory_store import MemoryStore
from stdbctl.store.restoring import ClosedRestore, paired, restore_closed
from stdbctl.store.retention import Retention
from stdbctl.store.snapshots import (
    BadSnapshotName,
    NoSuchSnapshot,
    SnapshotInfo,
    SnapshotNameTaken,
    SnapshotRetention,
    Snapshots,
)
from stdbctl.store.sqlite_store import SqliteStore
from stdbctl.store.stored_view import StoredView, stored_copy

__all__ = [
    "BadSnapshotName",
    "ClosedRestore",
    "DataDir",
    "DatabaseCopy",
    "DatabaseRecord",
    "Databases",
    "FolderLock",
    "FolderLocked",
    "HistoryEntry",
    "HistoryPage",
    "KeptHistory",
    "KeyedRow",
    "Log",
    "LogLine",
    "LogStore",
    "MemoryDatabases",
    "MemoryLog",
    "MemoryStore",
    "NameTaken",
    "NoSuchSnapshot",
    "Retention",
    "SnapshotInfo",
    "SnapshotNameTaken",
    "SnapshotRetention",
    "Snapshots",
    "SqliteStore",
    "StoreDamaged",
    "StoreFault",
    "StoreLost",
    "StoredDefinition",
    "StoredView",
    "paired",
    "restore_closed",
    "stored_copy",
]

"""What outlives the process: databases in SQLite files, the module's log, the server's data folder. docs/store.md."""

from stdbctl.store.errors import StoreFault
from stdbctl.store.history import HistoryEntry
from stdbctl.store.lock import FolderLock, FolderLocked
from stdbctl.store.memory_store import MemoryStore
from stdbctl.store.sqlite_store import SqliteStore

__all__ = [
    "FolderLock",
    "FolderLocked",
    "HistoryEntry",
    "MemoryStore",
    "SqliteStore",
    "StoreFault",
]

"""Reading history while the database is written: newest first, one group at a time, on any thread."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Protocol

from stdbctl.store.definitions import StoredDefinition, read_definitions
from stdbctl.store.errors import damaged, store_faults
from stdbctl.store.history import HistoryEntry, HistoryError, checked_blob, history_entries
from stdbctl.store.retention import Retention


class HistoryPage(NamedTuple):
    """Transactions, newest first, and what they were made under and the first of them came from, oldest first."""

    entries: tuple[HistoryEntry, ...] = ()
    definitions: tuple[StoredDefinition, ...] = ()


class KeptHistory(Protocol):
    """What a server does with the history of a database, on disk or in memory."""

    def history_page(self, before: int | None = None) -> HistoryPage:
        """Some of the committed transactions before an offset (None = the newest), newest first; none: no more.

        From any thread, at any time. StoreFault when the file is damaged or the disk says no.
        """
        ...

    def compact_history(self, retention: Retention, now: int) -> bool:
        """Let a few of the oldest transactions go that need not be kept at `now` (µs since 1970); whether more may.

        On the thread that commits, between two groups. StoreFault leaves everything as it is.
        """
        ...


def read_page(path: Path, before: int | None) -> HistoryPage:
    """The entries of the newest group that has any before an offset, by a connection of its own; see KeptHistory."""
    end = 2**63 - 1 if before is None else before
    with store_faults(path, "read"), closing(_connect(path)) as connection:
        connection.execute("BEGIN")
        found = connection.execute(
            'SELECT "first", "last", timestamp, entries, "check" FROM history WHERE "first" < ?'
            ' ORDER BY "first" DESC LIMIT 1',
            (end,),
        ).fetchone()
        hashes = dict(connection.execute("SELECT id, hash FROM programs"))
        definitions = () if found is None else read_definitions(connection, found[0], found[1])
    if found is None:
        return HistoryPage()
    try:
        entries = [entry for entry in history_entries(*checked_blob(found), hashes) if entry.offset < end]
    except HistoryError as error:
        raise damaged(path, f"its history cannot be read: {error}") from error
    return HistoryPage(tuple(reversed(entries)), definitions)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)

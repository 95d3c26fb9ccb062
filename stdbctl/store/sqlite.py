"""Opening SQLite files: settings, quoting, format version, and files that appear whole or not at all."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from stdbctl import __version__
from stdbctl.store.errors import StoreFault, damaged, store_faults


def quote_name(name: str) -> str:
    """Quote a name for SQL: the only way by which one enters a statement. Values are bound."""
    if "\0" in name:
        raise ValueError("a SQL name cannot hold a NUL character")
    return '"' + name.replace('"', '""') + '"'


def connect(path: Path, *, synchronous: str) -> sqlite3.Connection:
    """Open an existing file in WAL mode; transactions are begun and ended by hand.

    One thread at a time may use the connection, but not always the same one.
    """
    with store_faults(path, "opened"):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
            connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            connection.close()
            raise
    return connection


def create_file(path: Path, application_id: int, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a new SQLite file that `fill` writes to: built beside its place, synced, then renamed into it.

    An existing file is never replaced. The caller holds the folder's lock.
    """
    if path.exists():
        raise StoreFault(path, what=f"`{path}` exists already", fix="open it, or choose another folder")
    beside = path.with_name(path.name + ".new")
    with store_faults(path, "created"):
        for leftover in (beside, beside.with_name(beside.name + "-journal")):
            leftover.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {application_id}")
            fill(connection)
            connection.execute("COMMIT")
        os.replace(beside, path)
        sync_folder(path.parent)


def check_file(path: Path, application_id: int) -> None:
    """Refuse at once what cannot be one of our files: StoreFault naming it."""
    if path.is_dir() or not path.exists():
        raise damaged(path, "a folder has its name" if path.is_dir() else "it is missing")
    with store_faults(path, "read"), path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        raise damaged(path, "it is empty or cut off" if len(head) < 100 else "it is no SQLite database")
    if int.from_bytes(head[68:72], "big") != application_id:
        raise damaged(path, "it is a SQLite file of another program or purpose")


def check_whole(path: Path, connection: sqlite3.Connection) -> None:
    """Read the whole file and compare its structure with itself; StoreFault at the first contradiction."""
    with store_faults(path, "checked"):
        (finding,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if finding != "ok":
        raise damaged(path, str(finding))


def check_format(path: Path, given: int, known: int, *, written_by: object = None) -> None:
    """Refuse a file that a later stdbctl wrote; `written_by` is its version, where the file says so."""
    if given > known:
        writer = f"stdbctl {written_by}" if written_by else "a newer stdbctl"
        raise StoreFault(
            path,
            what=f"`{path}` was written by {writer} and was not opened",
            why=f"its format is {given}, stdbctl {__version__} knows formats up to {known}",
            fix="upgrade stdbctl: nothing in the file was changed",
        )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

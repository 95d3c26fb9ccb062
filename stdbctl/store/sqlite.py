"""Opening SQLite files: settings, quoting, format version, and files that appear whole or not at all."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from stdbctl import __version__
from stdbctl.store.errors import StoreFault, damaged, store_faults

_BESIDE_SUFFIX = ".new"
_COMPANIONS = ("", "-wal", "-shm")


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
    beside = beside_of(path)
    with store_faults(path, "created"):
        unlink_with_journal(beside)
        with contextlib.closing(sqlite3.connect(beside, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {application_id}")
            fill(connection)
            connection.execute("COMMIT")
        os.replace(beside, path)
        sync_folder(path.parent)


def beside_of(path: Path) -> Path:
    """Where a file is built before it is renamed into its place."""
    return path.with_name(path.name + _BESIDE_SUFFIX)


def unlink_with_journal(file: Path) -> None:
    """Delete what was being built, as far as there is anything of it; OSError."""
    for leftover in (file, file.with_name(file.name + "-journal")):
        leftover.unlink(missing_ok=True)


def remove_unfinished(path: Path) -> None:
    """Delete what a crash left of building a file. The caller holds the folder's lock, so that nobody builds it now.

    It may stay where the disk does not let it go: nothing reads it, and the next one is built over it.
    """
    with contextlib.suppress(OSError):
        unlink_with_journal(beside_of(path))


def put_aside(file: Path) -> Path | None:
    """Rename a SQLite file, or whatever has its name, with what belongs to it; `damaged-<number>`, None without one."""
    is_there = os.path.lexists(file)
    number = 1
    while os.path.lexists(aside := file.with_name(f"damaged-{number}{file.suffix}")):
        number += 1
    for companion in _COMPANIONS:
        part = file.with_name(file.name + companion)
        if os.path.lexists(part):
            os.replace(part, aside.with_name(aside.name + companion))
    return aside if is_there else None


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

"""What a store says when the disk, or what is on it, does not let it work."""

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from stdbctl.errors import Fault

_REASONS = {
    sqlite3.SQLITE_FULL: ("the disk is full", "make room and try again"),
    sqlite3.SQLITE_READONLY: ("the file or its folder cannot be written", "check who owns it and its permissions"),
    sqlite3.SQLITE_CANTOPEN: ("the file cannot be opened", "check that its folder exists and may be written"),
    sqlite3.SQLITE_PERM: ("access to the file is denied", "check who owns it and its permissions"),
    sqlite3.SQLITE_BUSY: ("another program holds the file's write lock", "end its transaction, or close that program"),
    sqlite3.SQLITE_LOCKED: (
        "another program holds the file's write lock",
        "end its transaction, or close that program",
    ),
    sqlite3.SQLITE_IOERR: ("the disk failed to read or write", "check the disk, its free space and its quota"),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", "restore it from a copy"),
    sqlite3.SQLITE_NOTADB: ("the file is damaged: it is no SQLite database", "restore it from a copy"),
    sqlite3.SQLITE_TOOBIG: (
        "one transaction changed more than the history can note of it, 1,000,000,000 bytes",
        "change less at a time; the transaction was undone",
    ),
    sqlite3.SQLITE_NOMEM: ("there is not enough memory", "free memory and try again"),
}
"""By primary result code: the low byte of SQLite's extended codes."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)

_FIXES = {
    errno.ENOSPC: "make room and try again",
    errno.EDQUOT: "make room within the quota and try again",
    errno.EFBIG: "raise the limit on the size of files and try again",
    errno.EACCES: "check who owns it and its permissions",
    errno.EPERM: "check who owns it and its permissions",
    errno.EROFS: "choose a data folder on a disk that can be written",
    errno.ENOENT: "check that nobody moved or deleted it",
    errno.ENOTDIR: "check the path: a part of it is a file",
    errno.EISDIR: "move the folder of this name away",
}
"""By what the operating system says; anything else is the disk's."""


class StoreFault(Fault):
    """A store cannot be opened, read or written. `path` is the file or folder concerned."""

    def __init__(self, path: Path, *, what: str, why: str = "", fix: str = "") -> None:
        self.path = path
        super().__init__(what, why=why, fix=fix)


class StoreDamaged(StoreFault):
    """A database's file is not whole, or is none: it must not be served, and a snapshot can take its place."""


class StoreLost(StoreFault):
    """What is on disk is not what this store believes: it must be closed, and may be opened again from the file."""


def damaged(path: Path, why: str) -> StoreDamaged:
    """A file that must not be served, because something of it is missing or wrong."""
    return StoreDamaged(
        path,
        what=f"`{path}` is damaged and was not opened",
        why=why,
        fix="restore it from a copy, or delete the database",
    )


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Around making values of what a file holds: what is no such value was not written by us; StoreDamaged."""
    with store_faults(path, "read"):
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_ERROR:  # a table or a column is not there
                raise damaged(path, str(error)) from error
            raise
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
            raise damaged(path, f"it holds something that no stdbctl wrote there: {error}") from error


def busy(path: Path, waited_s: float) -> StoreFault:
    """Another program's transaction did not end in time."""
    why, fix = _REASONS[sqlite3.SQLITE_BUSY]
    why = f"{why}, and did not let go within {waited_s:g} s (SQLITE_BUSY)"
    return StoreFault(path, what=f"`{path}` could not be written", why=why, fix=fix)


@contextlib.contextmanager
def store_faults(path: Path, doing: str) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a StoreFault: "`path` could not be `doing`"."""
    try:
        yield
    except sqlite3.Error as error:
        raise _of_sqlite(path, doing, error) from error
    except OSError as error:
        reason = error.strerror or str(error)
        fix = _FIXES.get(error.errno or 0, "check the disk")
        raise StoreFault(path, what=f"`{path}` could not be {doing}", why=reason, fix=fix) from error


def _of_sqlite(path: Path, doing: str, error: sqlite3.Error) -> StoreFault:
    number = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if str(error).startswith("Could not decode to UTF-8"):  # raised by Python's module, without a code
        number = sqlite3.SQLITE_CORRUPT
    why, fix = _REASONS.get(number & 0xFF, ("", "")) if isinstance(number, int) else ("", "")
    reason = f"{why} ({name})" if why else f"SQLite says: {error} ({name})"
    kind = StoreDamaged if isinstance(number, int) and number & 0xFF in _DAMAGE else StoreFault
    return kind(path, what=f"`{path}` could not be {doing}", why=reason, fix=fix or "see the reason")

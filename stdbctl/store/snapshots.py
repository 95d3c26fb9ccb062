"""Snapshots of one database: whole copies of its file, each at a transaction boundary, each with a name.

    DATA_DIR/snapshots/<identity>/<name>.sqlite3

A snapshot is a database file like the one that it was taken of (docs/store.md): rows, history, programs, sequences,
schedules. Its table `meta` has one more entry, `snapshot`: the JSON object that `SnapshotInfo.to_json` writes. It is
built beside its place, checked, synced, then renamed into it: it is there whole or not at all.
"""

import contextlib
import json
import os
import re
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # Any: JSON data

from stdbctl.nearest import did_you_mean
from stdbctl.sats import Timestamp
from stdbctl.store import tables
from stdbctl.store.checks import check_all
from stdbctl.store.copies import DatabaseCopy, connect_to_read
from stdbctl.store.errors import StoreFault, damaged, store_faults
from stdbctl.store.sqlite import beside_of, check_file, remove_unfinished, sync_folder, unlink_with_journal

SNAPSHOT_SUFFIX = ".sqlite3"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NoSuchSnapshot(StoreFault):
    """A database has no snapshot of this name."""

    code = "snapshots.not_found"

    def __init__(self, folder: Path, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(
            folder,
            what=f"there is no snapshot `{name}`",
            fix=did_you_mean(name, known) if known else "there is none at all; take one with `stdbctl snapshot save`",
        )


class SnapshotNameTaken(StoreFault):
    """A snapshot of this name is there already; none is ever replaced."""

    code = "snapshots.name_taken"

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        super().__init__(
            folder,
            what=f"there is a snapshot `{name}` already",
            fix=f"choose another name, or delete that one with `stdbctl snapshot delete {name}`",
        )


class BadSnapshotName(StoreFault):
    """A snapshot cannot have this name: it is a file's, too."""

    code = "snapshots.bad_name"

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        super().__init__(
            folder,
            what=f"`{name}` cannot be a snapshot's name",
            why="up to 64 letters, digits, dots, dashes and underscores are expected, a letter or digit first",
            fix="choose a name such as `before-the-party`",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRetention:
    """How many automatic snapshots of a database stay, and how many bytes they may have together.

    The newest one always stays. Those that were saved by name are not counted and never deleted.
    """

    automatic: int
    automatic_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotInfo:
    """One snapshot. `step`: what it was taken before (`deploy`, `reset`, `restore`), "" for one that a user saved.

    `detail`: what that step was about to do, in words. `offset`: the newest transaction in it. `rows`: by table name.
    """

    name: str
    step: str
    detail: str
    taken: Timestamp
    offset: int
    program_hash: str
    rows: dict[str, int]
    size_bytes: int = 0

    @property
    def is_automatic(self) -> bool:
        """Whether the server took it by itself, and may delete it."""
        return bool(self.step)

    def to_json(self) -> dict[str, object]:
        """As docs/snapshots.md shows it; `taken` in microseconds since 1970."""
        return {
            "name": self.name,
            "step": self.step or None,
            "detail": self.detail or None,
            "taken": self.taken.micros,
            "offset": self.offset,
            "program": self.program_hash or None,
            "rows": self.rows,
            "bytes": self.size_bytes,
        }

    @classmethod
    def read(cls, data: Any) -> "SnapshotInfo":  # Any: JSON data
        """The inverse of `to_json`; LookupError, TypeError or ValueError for something else."""
        return cls(
            name=str(data["name"]),
            step=data["step"] or "",
            detail=data["detail"] or "",
            taken=Timestamp(int(data["taken"])),
            offset=int(data["offset"]),
            program_hash=data["program"] or "",
            rows={str(table): int(count) for table, count in data["rows"].items()},
            size_bytes=int(data["bytes"]),
        )


class Snapshots:
    """The snapshots of the database whose file is `source`, in `folder`, which is made with the first one.

    Taking one may run on any thread, beside the database's own connection: it sees what was committed when it began,
    and holds nobody up (measured: 0.3 s of a second thread for 100 MB).
    """

    def __init__(self, folder: Path, source: Path, clock: Callable[[], int]) -> None:
        self.folder, self._source, self._clock = folder, source, clock
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        """The file of a snapshot of this name, which need not be there; BadSnapshotName."""
        if not _NAME.fullmatch(name):
            raise BadSnapshotName(self.folder, name)
        return self.folder / f"{name}{SNAPSHOT_SUFFIX}"

    def save(self, name: str) -> SnapshotInfo:
        """Take a snapshot that a user asked for; BadSnapshotName, SnapshotNameTaken."""
        with self._lock:
            return self._take(name, step="", detail="")

    def save_before(self, step: str, detail: str, retention: SnapshotRetention) -> SnapshotInfo:
        """Take a snapshot before a step that loses data, named `before-<step>-<number>`; older ones may go for it."""
        with self._lock:
            taken = self._take(self._next_name(f"before-{step}-"), step=step, detail=detail)
            self._prune(retention)
        return taken

    def remove_unfinished(self) -> None:
        """Delete what a crash left of taking snapshots. Nobody may be taking one."""
        with contextlib.suppress(OSError):
            for beside in self.folder.glob(f"*{beside_of(Path(SNAPSHOT_SUFFIX))}"):
                unlink_with_journal(beside)

    def all(self) -> tuple[SnapshotInfo, ...]:
        """All snapshots, the oldest first. A file that cannot be read is left out; `restore` says what is wrong."""
        found = []
        for name in self._names():
            with contextlib.suppress(StoreFault):
                found.append(self.find(name))
        return tuple(sorted(found, key=lambda info: (info.taken, info.name)))

    def find(self, name: str) -> SnapshotInfo:
        """The snapshot of this name; NoSuchSnapshot, or StoreFault for a file that is none."""
        file = self.path(name)
        if not file.is_file():
            raise NoSuchSnapshot(self.folder, name, self._names())
        check_file(file, tables.APPLICATION_ID)
        with store_faults(file, "read"), contextlib.closing(connect_to_read(file, is_frozen=True)) as connection:
            found = connection.execute("SELECT value FROM meta WHERE key = 'snapshot'").fetchone()
        try:
            info = SnapshotInfo.read({**json.loads(found[0]), "name": name, "bytes": file.stat().st_size})
        except (TypeError, LookupError, ValueError, AttributeError) as error:
            raise damaged(file, "it does not say what it is a snapshot of") from error
        return info

    def open(self, name: str) -> DatabaseCopy:
        """What a snapshot holds; NoSuchSnapshot, or StoreFault for a file that is none."""
        self.find(name)
        return DatabaseCopy(self.path(name), is_frozen=True)

    def current(self) -> DatabaseCopy:
        """What is committed in the database's own file now."""
        return DatabaseCopy(self._source, is_frozen=False)

    def delete(self, name: str) -> None:
        """Delete a snapshot; NoSuchSnapshot."""
        file = self.path(name)
        try:
            with store_faults(file, "deleted"):
                file.unlink()
                sync_folder(self.folder)
        except StoreFault as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise NoSuchSnapshot(self.folder, name, self._names()) from None
            raise

    def _prune(self, retention: SnapshotRetention) -> None:
        automatic = [info for info in self.all() if info.is_automatic]
        total_bytes = 0
        for position, info in enumerate(reversed(automatic)):
            total_bytes += info.size_bytes
            if position and (position >= retention.automatic or total_bytes > retention.automatic_bytes):
                with contextlib.suppress(NoSuchSnapshot):  # a user was faster
                    self.delete(info.name)

    def _names(self) -> tuple[str, ...]:
        if not self.folder.is_dir():
            return ()
        with store_faults(self.folder, "read"):
            return tuple(sorted(file.stem for file in self.folder.glob(f"*{SNAPSHOT_SUFFIX}")))

    def _next_name(self, stem: str) -> str:
        numbers = [int(name[len(stem) :]) for name in self._names() if re.fullmatch(re.escape(stem) + r"\d{1,9}", name)]
        return f"{stem}{max(numbers, default=0) + 1}"

    def _take(self, name: str, *, step: str, detail: str) -> SnapshotInfo:
        file = self.path(name)
        if file.exists():
            raise SnapshotNameTaken(self.folder, name)
        with store_faults(self.folder, "created"):
            self.folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self.folder.parent)
        beside = beside_of(file)
        try:
            unlink_with_journal(beside)
            copy_file(self._source, beside)
            info = self._describe(beside, name, step, detail)
            with store_faults(file, "created"):
                sync_file(beside)
                beside.rename(file)
                sync_folder(self.folder)
        except BaseException:
            remove_unfinished(file)
            raise
        return info

    def _describe(self, file: Path, name: str, step: str, detail: str) -> SnapshotInfo:
        """Write into a copy what it is a snapshot of, once its structure was found to be whole."""
        with (
            store_faults(file, "written"),
            contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection,
        ):
            check_all(self._source, connection)
            program = tables.read_program(connection)
            info = SnapshotInfo(
                name=name,
                step=step,
                detail=detail,
                taken=Timestamp(self._clock()),
                offset=tables.read_end(connection)[0],
                program_hash="" if program is None else program.hash,
                rows={table.name: _count(connection, table.table_id) for table in tables.read_catalog(connection)},
                size_bytes=file.stat().st_size,
            )
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('snapshot', ?)", (json.dumps(info.to_json()),))
        return info


def copy_file(source: Path, target: Path, *, is_frozen: bool = False) -> None:
    """Copy a database as it was committed when this begins to a new file, not yet synced. Reads pages, not rows.

    `is_frozen`: nobody writes to the source, as to a snapshot.
    """
    uri = f"{source.absolute().as_uri()}?{'mode=ro&immutable=1' if is_frozen else 'mode=rw'}"
    with (
        store_faults(target, "written"),
        contextlib.closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as reader,
        contextlib.closing(sqlite3.connect(target, isolation_level=None)) as writer,
    ):
        writer.execute("PRAGMA synchronous = OFF")
        writer.execute("PRAGMA journal_mode = OFF")
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode = DELETE")


def sync_file(file: Path) -> None:
    """Make the content of a file durable."""
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _count(connection: sqlite3.Connection, table_id: int) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {tables.rows_table(table_id)}").fetchone()
    return int(count)

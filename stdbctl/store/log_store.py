"""The module's log: one SQLite file beside the database, or a bounded buffer in memory.

Format 1, `PRAGMA user_version` holds the number:

    log    id, level (rank), ts (µs), message, target, filename, line_number, function,
           trace (JSON list of pairs, NULL = none)

Retention: the newest LOG_RECORDS_MAX records, trimmed as new ones come; a message is cut at MESSAGE_CHARS_MAX
characters. A record's id is its place in the log: it only grows, and following the log means asking for what lies
after the last id seen.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from stdbctl.records import LogLevel, LogRecord
from stdbctl.store.errors import store_faults
from stdbctl.store.sqlite import check_file, check_format, connect, create_file

LOG_FILE = "log.sqlite3"
LOG_RECORDS_MAX = 100_000
MEMORY_RECORDS_MAX = 10_000
MESSAGE_CHARS_MAX = 65_536
_FORMAT = 1
_APPLICATION_ID = 0x5354_4C47
_TRIM_EVERY = 1_000
_COLUMNS = "id, level, ts, message, target, filename, line_number, function, trace"
_LEVELS = tuple(LogLevel)


class LogLine(NamedTuple):
    """A record and its place in the log."""

    id: int
    record: LogRecord


class Log(Protocol):
    """What both kinds of log offer. All but `append` leave the log as it is."""

    def append(self, records: Sequence[LogRecord]) -> None:
        """Put records at the end, in one transaction."""
        ...

    def tail(self, count: int | None = None, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """The newest `count` records (None = all kept) of at least `level`, oldest first."""
        ...

    def after(self, last_id: int, limit: int = 1_000, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """At most `limit` records that came after the one with `last_id` (0 = from the oldest kept)."""
        ...

    @property
    def last_id(self) -> int:
        """The id of the newest record, 0 for an empty log."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class LogStore:
    """A log in the file `log.sqlite3` of the folder `path`, made if missing.

    It is not synced on every append: a power cut may take the last records, the end of the process takes none.

    Raises:
        StoreFault: the file is damaged, of a newer format, or the disk says no.
    """

    def __init__(self, path: Path, *, records_max: int = LOG_RECORDS_MAX) -> None:
        self.path = path / LOG_FILE
        self._records_max = records_max
        if not self.path.exists():
            create_file(self.path, _APPLICATION_ID, _create_log)
        check_file(self.path, _APPLICATION_ID)
        self._connection = connect(self.path, synchronous="NORMAL")
        try:
            with store_faults(self.path, "read"):
                check_format(self.path, self._connection.execute("PRAGMA user_version").fetchone()[0], _FORMAT)
                self.last_id: int = self._connection.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()[0]
        except BaseException:
            self._connection.close()
            raise
        self._trimmed_at = self.last_id

    def append(self, records: Sequence[LogRecord]) -> None:
        """Put records at the end, in one transaction."""
        rows = [(self.last_id + number, *_row(record)) for number, record in enumerate(records, 1)]
        with store_faults(self.path, "written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        self.last_id += len(rows)
        if self.last_id - self._trimmed_at >= _TRIM_EVERY:
            self._trim()

    def _trim(self) -> None:
        with store_faults(self.path, "trimmed"):
            self._connection.execute("DELETE FROM log WHERE id <= ?", (self.last_id - self._records_max,))
        self._trimmed_at = self.last_id

    def tail(self, count: int | None = None, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """The newest `count` records (None = all kept) of at least `level`, oldest first."""
        newest = self._select("level >= ? ORDER BY id DESC LIMIT ?", (_rank(level), -1 if count is None else count))
        return newest[::-1]

    def after(self, last_id: int, limit: int = 1_000, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """At most `limit` records that came after the one with `last_id` (0 = from the oldest kept)."""
        return self._select("id > ? AND level >= ? ORDER BY id LIMIT ?", (last_id, _rank(level), limit))

    def _select(self, condition: str, values: tuple[int, ...]) -> tuple[LogLine, ...]:
        """`condition` is one of the two texts above; values are bound."""
        oldest = max(0, self.last_id - self._records_max)
        with store_faults(self.path, "read"):
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM log WHERE id > ? AND {condition}", (oldest, *values)
            ).fetchall()
        return tuple(map(_line, rows))

    def close(self) -> None:
        """Release the file."""
        with store_faults(self.path, "closed"):
            self._connection.close()


class MemoryLog:
    """A log that ends with its process and keeps the newest `records_max` records."""

    def __init__(self, *, records_max: int = MEMORY_RECORDS_MAX) -> None:
        self._lines: deque[LogLine] = deque(maxlen=records_max)
        self.last_id = 0

    def append(self, records: Sequence[LogRecord]) -> None:
        """Put records at the end."""
        for record in records:
            self.last_id += 1
            self._lines.append(LogLine(self.last_id, _line((self.last_id, *_row(record))).record))

    def tail(self, count: int | None = None, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """The newest `count` records (None = all kept) of at least `level`, oldest first."""
        found = self._at_least(level, self._lines)
        return found if count is None else found[len(found) - min(count, len(found)) :]

    def after(self, last_id: int, limit: int = 1_000, *, level: LogLevel | None = None) -> tuple[LogLine, ...]:
        """At most `limit` records that came after the one with `last_id` (0 = from the oldest kept)."""
        return self._at_least(level, (line for line in self._lines if line.id > last_id))[:limit]

    def _at_least(self, level: LogLevel | None, lines: Iterable[LogLine]) -> tuple[LogLine, ...]:
        return tuple(line for line in lines if line.record.level.rank >= _rank(level))

    def close(self) -> None:
        """Nothing to release; the records stay."""


def _create_log(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE log (id INTEGER PRIMARY KEY, level INTEGER NOT NULL, ts INTEGER NOT NULL, message TEXT NOT NULL,"
        " target TEXT, filename TEXT, line_number INTEGER, function TEXT, trace TEXT)"
    )
    connection.execute(f"PRAGMA user_version = {_FORMAT}")


def _rank(level: LogLevel | None) -> int:
    return 0 if level is None else level.rank


def _row(record: LogRecord) -> tuple[Any, ...]:  # the columns after the id
    """The record as it is stored: text that is no valid Unicode and text that is too long are made fit."""
    return (
        record.level.rank,
        record.ts,
        _fit(_shorten(record.message)),
        _fit(record.target),
        _fit(record.filename),
        record.line_number,
        _fit(record.function),
        json.dumps(record.trace) if record.trace else None,
    )


def _line(row: tuple[Any, ...]) -> LogLine:  # all columns
    record_id, level, ts, message, target, filename, line_number, function, trace = row
    frames = tuple((module, name) for module, name in json.loads(trace)) if trace else ()
    return LogLine(
        record_id,
        LogRecord(
            level=_LEVELS[level],
            ts=ts,
            message=message,
            target=target,
            filename=filename,
            line_number=line_number,
            function=function,
            trace=frames,
        ),
    )


def _shorten(message: str) -> str:
    if len(message) <= MESSAGE_CHARS_MAX:
        return message
    return f"{message[:MESSAGE_CHARS_MAX]}… ({len(message) - MESSAGE_CHARS_MAX} more characters)"


def _fit(text: str | None) -> str | None:
    """Replace lone surrogates, which neither SQLite nor JSON can carry."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode("utf-8")

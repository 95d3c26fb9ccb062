"""A database's log while it is served: written in batches, read as NDJSON, followed live.

One JSON object per line, keys in this order, absent when there is nothing to say: level, ts, target, filename,
line_number, function, message, trace (`[{"module_name", "func_name"}]`).
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable

from stdbctl.records import LogRecord
from stdbctl.store import Log, LogLine, StoreFault

_LOGGER = logging.getLogger("stdbctl.server")
_BUFFERED_MAX = 1_000
"""Records that wait for the end of a batch; a call that writes more has them written while it runs."""


class Journal:
    """The log of one database. Nothing is read from a closed one, and what is written to it is dropped."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._buffer: list[LogRecord] = []
        self._written = asyncio.Event()
        self._is_closed = False

    def write(self, record: LogRecord) -> None:
        """Keep a record; it is stored at the next `flush`."""
        self._buffer.append(record)
        if len(self._buffer) >= _BUFFERED_MAX:
            self.flush()

    def flush(self) -> None:
        """Store what was written since, and wake the followers. A log that the disk refuses stops nobody's calls."""
        if not self._buffer or self._is_closed:
            return
        records, self._buffer = self._buffer, []
        try:
            self._log.append(records)
        except StoreFault as fault:
            _LOGGER.error("%d log records are lost: %s", len(records), fault)
        self._wake()

    def tail(self, count: int | None) -> str:
        """The last `count` lines, or all that are kept."""
        self.flush()
        return _text(self._log.tail(count))

    async def follow(self, backlog: int) -> AsyncIterator[str]:
        """The last `backlog` lines, then lines as they are written, until the database closes."""
        self.flush()
        last_id = self._log.last_id
        if backlog:
            yield _text(self._log.tail(backlog))
        while not self._is_closed:
            lines = self._log.after(last_id)
            if lines:
                last_id = lines[-1].id
                yield _text(lines)
            else:
                await self._written.wait()

    def close(self) -> None:
        """End the followers and release the file."""
        self.flush()
        self._is_closed = True
        self._wake()
        self._log.close()

    def _wake(self) -> None:
        self._written.set()
        self._written = asyncio.Event()


def _text(lines: Iterable[LogLine]) -> str:
    return "".join([record_line(line.record) for line in lines])


def record_line(record: LogRecord) -> str:
    """One record as a line of NDJSON."""
    fields: dict[str, object] = {"level": record.level.value, "ts": record.ts}
    for name in ("target", "filename", "line_number", "function"):
        value = getattr(record, name)
        if value is not None:
            fields[name] = value
    fields["message"] = record.message
    if record.trace:
        fields["trace"] = [_frame(module, function) for module, function in record.trace]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"


def _frame(module: str | None, function: str | None) -> dict[str, str]:
    parts = {"module_name": module, "func_name": function}
    return {name: value for name, value in parts.items() if value is not None}

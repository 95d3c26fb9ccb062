"""Statements that write many rows in one step of SQLite.

Python's `sqlite3` lets go of Python's lock for each step and takes it back after it. With a step for each row, a second
thread would wait for the first at every row; one step for all rows runs beside it. So the rows go as one blob, back to
back, and where they stand in it as a JSON array:

    blob  := row*          row := key, or key data
    place := start << 32 | bytes of the row
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import eq
from typing import NamedTuple

FEWEST_ROWS = 32
"""Fewer are written at once, row by row: the second thread has to wait for Python's lock for each statement."""
CHUNK_BYTES = 4 * 1024 * 1024
"""A blob that has reached this takes no further row: it is held beside the rows until it is written."""

_ROW = "substr(?1, (value >> 32) + 1, value & 0xFFFFFFFF)"
_KEY = "substr(?1, (value >> 32) + 1, ?3)"
_DATA = "substr(?1, (value >> 32) + 1 + ?3, (value & 0xFFFFFFFF) - ?3)"


class Statement(NamedTuple):
    """SQL and what is bound to it."""

    sql: str
    values: tuple[object, ...]


def puts(table: str, rows: Sequence[tuple[bytes, bytes]]) -> list[Statement] | None:
    """What inserts or replaces rows (key, data); None when keys of different lengths have data of their own.

    Rows that are nothing but their key are stored without data.
    """
    keys, data = zip(*rows, strict=True)
    into = f"INSERT OR REPLACE INTO {table}"
    if all(map(eq, keys, data)):
        return _statements(f"{into} SELECT {_ROW}, NULL FROM json_each(?2)", keys)
    if len(set(map(len, keys))) > 1:
        return None
    return _statements(f"{into} SELECT {_KEY}, {_DATA} FROM json_each(?2)", [k + d for k, d in rows], len(keys[0]))


def deletes(table: str, keys: Sequence[bytes]) -> list[Statement]:
    """What deletes the rows with these keys."""
    return _statements(f"DELETE FROM {table} WHERE key IN (SELECT {_ROW} FROM json_each(?2))", keys)


def _statements(sql: str, rows: Sequence[bytes], *further: int) -> list[Statement]:
    return [Statement(sql, (b"".join(chunk), _places(chunk), *further)) for chunk in _chunks(rows)]


def _places(rows: Sequence[bytes]) -> str:
    sizes = list(map(len, rows))
    return str([start << 32 | size for start, size in zip(accumulate(sizes, initial=0), sizes, strict=False)])


def _chunks(rows: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    start = chunk_bytes = 0
    for place, row in enumerate(rows, 1):
        chunk_bytes += len(row)
        if chunk_bytes >= CHUNK_BYTES:
            yield rows[start:place]
            start, chunk_bytes = place, 0
    if start < len(rows):
        yield rows[start:]

"""The row changes of one transaction as bytes: what a history entry keeps.

    changes := change*                      nothing at all when no row changed
    change  := table_id flags deleted inserted
    flags   := byte                         bit 0: the rows are those of an event table
    deleted, inserted := count row{count}
    row     := length byte{length}          BSATN of the row, in the order of the transaction
    table_id, count, length := varint       unsigned LEB128: seven bits a byte, least significant first

The format has no version of its own: it belongs to the format version of the store that keeps it.
"""

import functools
from typing import NamedTuple

from stdbctl.errors import StdbctlError
from stdbctl.records.changes import RowChanges

_EVENT = 1
_SMALL = tuple(bytes([number]) for number in range(128))


class ChangedRows(NamedTuple):
    """The net changes of one table, as they are kept: rows as BSATN."""

    table_id: int
    is_event: bool
    deleted: tuple[bytes, ...]
    inserted: tuple[bytes, ...]


class ChangesError(StdbctlError):
    """Bytes that are no row changes: cut off, or not written by this codec."""

    def __init__(self, position: int) -> None:
        self.position = position
        super().__init__(f"the row changes of a history entry end in the middle of a field at byte {position}")


def encode_changes(changes: RowChanges) -> bytes:
    """The bytes of the changes of one transaction; empty for none."""
    parts: list[bytes] = []
    put_changes(parts, changes)
    return b"".join(parts)


def put_changes(parts: list[bytes], changes: RowChanges) -> int:
    """Append those bytes piece by piece, for whoever joins them with others; how many they are."""
    start = len(parts)
    for table_id, deleted, inserted, is_event in changes:
        parts.append(_SMALL[table_id] if table_id < 128 else _varint(table_id))
        parts.append(_SMALL[is_event])
        for rows in (deleted, inserted):
            count = len(rows)
            parts.append(_SMALL[count] if count < 128 else _varint(count))
            for row in rows:
                data = row.data
                length = len(data)
                parts.append(_SMALL[length] if length < 128 else _varint(length))
                parts.append(data)
    return sum(map(len, parts[start:]))


def decode_changes(data: bytes) -> tuple[ChangedRows, ...]:
    """The changes that `encode_changes` was given; ChangesError for anything else."""
    changes: list[ChangedRows] = []
    position = 0
    while position < len(data):
        table_id, position = _number(data, position)
        flags, position = _number(data, position)
        deleted, position = _rows(data, position)
        inserted, position = _rows(data, position)
        changes.append(ChangedRows(table_id, bool(flags & _EVENT), deleted, inserted))
    return tuple(changes)


@functools.lru_cache(maxsize=1024)
def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(data: bytes, position: int) -> tuple[int, int]:
    number = shift = 0
    start = position
    for byte in data[start : start + 10]:
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, position
        shift += 7
    raise ChangesError(position)


def _rows(data: bytes, position: int) -> tuple[tuple[bytes, ...], int]:
    count, position = _number(data, position)
    rows: list[bytes] = []
    for _ in range(count):
        length, position = _number(data, position)
        end = position + length
        if end > len(data):
            raise ChangesError(len(data))
        rows.append(data[position:end])
        position = end
    return tuple(rows), position

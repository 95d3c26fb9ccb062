"""History: how transactions are packed into blobs, one blob per group, and as what they are read back.

    blob     := entry*                      their offsets count up by one from the row's `first`
    entry    := head function args changes  one transaction
    head     := kind u8 · timestamp i64 (µs since 1970) · seed u64 · program u32 (`programs.id`, 0 = none) ·
                caller 32 bytes · connection 16 bytes (all zero = none: that id is reserved) ·
                bytes of function u32 · of args u32 · of changes u32
    function := UTF-8, `args` := BSATN product of the parameters, `changes` := see stdbctl.records.codec

Numbers are little-endian. `kind` is the place in `KINDS`. One blob rather than a row per transaction with a column per
field: measured, the latter cost seven times as much, a seventh of a whole call.
"""

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812  # it is a class
from typing import NamedTuple
from zlib import crc32

from stdbctl.records import ChangedRows, ChangesError, Entry, EntryKind, decode_changes, put_changes
from stdbctl.sats import ConnectionId, Identity, Timestamp

KINDS = (
    EntryKind.REDUCER,
    EntryKind.LIFECYCLE,
    EntryKind.SCHEDULE,
    EntryKind.SQL,
    EntryKind.IMPORT,
    EntryKind.MIGRATION,
    EntryKind.RESTORE,
    EntryKind.RESET,
)
"""The place of each is stored: new ones go to the end."""

BLOB_BYTES = 1024 * 1024
"""A blob that has reached this takes no further entry: reading a few entries must not mean reading a huge group."""

_KIND_OF = {kind.value: number for number, kind in enumerate(KINDS)}
_NO_CONNECTION = bytes(16)
_HEAD = Struct("<BqQI32s16sIII")


class HistoryEntry(NamedTuple):
    """One transaction of the past: an `Entry` whose rows are BSATN alone.

    `program_hash` is empty before the first deploy.
    """

    offset: int
    kind: EntryKind
    timestamp: Timestamp
    caller: Identity
    connection_id: ConnectionId | None
    function: str
    args: bytes
    seed: int
    program_hash: str
    changes: tuple[ChangedRows, ...]


def history_sum(first: int, last: int, timestamp: int, entries: bytes) -> int:
    """The CRC-32 that stands beside a group of history."""
    return crc32(entries, crc32(b"%d %d %d" % (first, last, timestamp)))


def checked_blob(group: tuple[int, int, int, bytes, int | None]) -> tuple[int, bytes]:
    """First offset and entries of a stored group: first, last, timestamp, entries, checksum (None = it never had one).

    Raises:
        HistoryError: the checksum is another's.
    """
    first, last, timestamp, entries, checksum = group
    if checksum is not None and checksum != history_sum(first, last, timestamp, entries):
        raise HistoryError(f"the checksum of transactions {first} to {last} is wrong")
    return first, entries


class HistoryError(ValueError):
    """A blob that was not written by `history_blobs`, or not all of it."""


def history_blobs(entries: Sequence[Entry], program_ids: Mapping[str, int]) -> Iterator[tuple[int, int, int, bytes]]:
    """Pack entries with offsets in a row: (first offset, last offset, last timestamp, blob)."""
    if not entries:
        return
    first, blob_bytes = entries[0].offset, 0
    assert entries[-1].offset - first == len(entries) - 1, "offsets have no gaps"
    pack = _HEAD.pack
    parts: list[bytes] = []
    for offset, kind, timestamp, caller, connection_id, function, args, seed, program, changes, _, _ in entries:
        name, at = function.encode(), len(parts)
        parts += (b"", name, args)  # the head comes when it is known how much follows
        rows_bytes = put_changes(parts, changes)
        parts[at] = pack(
            _KIND_OF[kind._value_],
            timestamp.micros,
            seed,
            program_ids[program] if program else 0,
            caller.data,
            _NO_CONNECTION if connection_id is None else connection_id.data,
            len(name),
            len(args),
            rows_bytes,
        )
        blob_bytes += len(args) + rows_bytes + 100
        if blob_bytes >= BLOB_BYTES:
            yield first, offset, timestamp.micros, b"".join(parts)
            parts, first, blob_bytes = [], offset + 1, 0
    if parts:
        yield first, offset, timestamp.micros, b"".join(parts)


def history_entries(first: int, blob: bytes, program_hashes: Mapping[int, str]) -> Iterator[HistoryEntry]:
    """The entries of one blob.

    Raises:
        HistoryError: the blob is damaged.
    """
    offset, at = first, 0
    try:
        while at < len(blob):
            kind, micros, seed, program, caller, connection, *sizes = _HEAD.unpack_from(blob, at)
            parts, at = _cut(blob, at + _HEAD.size, sizes)
            function, args, changes = parts
            yield HistoryEntry(
                offset,
                KINDS[kind],
                Timestamp(micros),
                Identity(caller),
                None if connection == _NO_CONNECTION else ConnectionId(connection),
                function.decode(),
                args,
                seed,
                program_hashes[program] if program else "",
                decode_changes(changes),
            )
            offset += 1
    except (StructError, ChangesError, EOFError, LookupError, UnicodeDecodeError) as error:
        raise HistoryError(f"entry {offset}: {error}") from error


def _cut(blob: bytes, at: int, sizes: Sequence[int]) -> tuple[list[bytes], int]:
    parts = []
    for size in sizes:
        parts.append(blob[at : at + size])
        at += size
    if at > len(blob):
        raise EOFError("it ends in the middle of an entry")
    return parts, at

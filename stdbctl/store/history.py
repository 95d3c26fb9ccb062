"""History as it is read back."""

from typing import NamedTuple

from stdbctl.records import ChangedRows, EntryKind
from stdbctl.sats import ConnectionId, Identity, Timestamp


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

"""What one run of the server is told, and its way to the child process as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stdbctl.server import limits

if TYPE_CHECKING:
    from stdbctl.store import Retention, SnapshotRetention


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Where the server keeps things, by which names it may be called, and the limits that a user may move.

    `data_dir`: databases, one folder each; None keeps everything in memory and nothing survives the process.
    `key_dir`: holds `id_ecdsa` and `id_ecdsa.pub`, made when both are missing.
    `operator_file`: the token of the one who may publish, one line, mode 0600; made when missing.
    `server_file`: JSON `{"url", "pid", "data_dir"}` while the server serves (null in memory); None writes none.
    `listen_hosts`: the addresses that the sockets are bound to, as the `Host` header may name them.
    `allowed_hosts`: further names for the `Host` header (a reverse proxy's, say).
    `call_limit_s`: how long one call may run. `memory_limit_mb`: the data of the process; None: three quarters of the
    machine's memory. `history_transactions`, `history_days`: what is kept of each database's history; None: as in
    `limits`. `snapshots_automatic`, `snapshots_automatic_bytes`: the same for snapshots that the server takes itself.
    """

    data_dir: Path | None
    key_dir: Path
    operator_file: Path
    server_file: Path | None = None
    listen_hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    allowed_hosts: tuple[str, ...] = ()
    call_limit_s: float = limits.CALL_S
    deaf_grace_s: float = limits.DEAF_GRACE_S
    memory_limit_mb: int | None = None
    history_transactions: int | None = None
    history_days: float | None = None
    snapshots_automatic: int | None = None
    snapshots_automatic_bytes: int | None = None
    compact_every_s: float = limits.COMPACT_EVERY_S
    ping_every_s: float = limits.PING_EVERY_S
    idle_s: float = limits.IDLE_S
    stall_s: float = limits.OUTGOING_STALL_S
    request_s: float = limits.REQUEST_S
    turn_s: float = limits.TURN_S

    @property
    def retention(self) -> "Retention":
        """What is kept of each database's history."""
        from stdbctl.store import Retention

        transactions, days = self.history_transactions, self.history_days
        return Retention(
            transactions=limits.HISTORY_TRANSACTIONS if transactions is None else transactions,
            days=limits.HISTORY_DAYS if days is None else days,
        )

    @property
    def snapshot_retention(self) -> "SnapshotRetention":
        """How many of the snapshots stay that the server took by itself."""
        from stdbctl.store import SnapshotRetention

        automatic, automatic_bytes = self.snapshots_automatic, self.snapshots_automatic_bytes
        return SnapshotRetention(
            automatic=limits.SNAPSHOTS_AUTOMATIC if automatic is None else automatic,
            automatic_bytes=limits.SNAPSHOTS_AUTOMATIC_BYTES if automatic_bytes is None else automatic_bytes,
        )

    def to_json(self) -> str:
        """One line of JSON from which `from_json` makes the same options."""
        return json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in asdict(self).items()})

    @classmethod
    def from_json(cls, text: str) -> "ServerOptions":
        """Read what `to_json` wrote."""
        values: dict[str, Any] = json.loads(text)  # Any: each value has its field's own type
        for name in ("data_dir", "key_dir", "operator_file", "server_file"):
            values[name] = None if values[name] is None else Path(values[name])
        for name in ("listen_hosts", "allowed_hosts"):
            values[name] = tuple(values[name])
        return cls(**values)

"""The snapshots of one database as the server handles them: where nothing is kept on disk, there are none."""

from dataclasses import dataclass

from stdbctl.server.refusal import Refusal
from stdbctl.store import SnapshotInfo, SnapshotRetention, Snapshots


@dataclass(frozen=True, slots=True)
class SnapshotKeeper:
    """`kept` is None for a database in memory: a step that loses data then has no snapshot to go back to."""

    kept: Snapshots | None
    retention: SnapshotRetention

    def save_before(self, step: str, detail: str) -> SnapshotInfo | None:
        """Take a snapshot before a step that loses data, on any thread; None in memory. StoreFault when it fails."""
        return None if self.kept is None else self.kept.save_before(step, detail, self.retention)

    @property
    def on_disk(self) -> Snapshots:
        """The snapshots; Refusal 400 for a database in memory."""
        if self.kept is None:
            raise Refusal(400, "this server keeps its databases in memory, where no snapshots are taken")
        return self.kept

"""What a disk may hold after a power cut, made from a record of writes and syncs (recording_disk.py)."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

Event = Mapping[str, Any]
"""Any: a line of JSON; the shapes are in recording_disk.py."""
SECTOR = 512


class Disk:
    """The files of a folder as far as they are synced, and for each the writes that are not yet."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.synced = {name: bytearray(data) for name, data in files.items()}
        self.waiting: dict[str, list[Event]] = {}

    def run(self, events: Sequence[Event]) -> None:
        """Carry events out, in order."""
        for event in events:
            name = event.get("write") or event.get("truncate")
            if name is not None:
                self.waiting.setdefault(name, []).append(event)
            elif "sync" in event:
                for waiting in self.waiting.pop(event["sync"], []):
                    _apply(self.synced.setdefault(event["sync"], bytearray()), waiting)

    def after_a_cut(self, dice: random.Random) -> dict[str, bytes]:
        """All that is synced; of what is not, any part: whole writes in any order, single sectors, nothing."""
        files = {name: bytearray(data) for name, data in self.synced.items()}
        for name, waiting in self.waiting.items():
            kept = [event for event in waiting if dice.random() < dice.choice((0.0, 0.5, 1.0))]
            for event in kept:
                _apply(files.setdefault(name, bytearray()), event, dice if dice.random() < 0.3 else None)
        return {name: bytes(data) for name, data in files.items()}


def _apply(data: bytearray, event: Event, torn_by: random.Random | None = None) -> None:
    if "truncate" in event:
        size = event["size"]
        data[size:] = b""
        data.extend(bytes(size - len(data)))
        return
    new, at = bytes.fromhex(event["data"]), event["at"]
    data.extend(bytes(max(0, at + len(new) - len(data))))
    for start in range(0, len(new), SECTOR):
        if torn_by is None or torn_by.random() < 0.5:
            data[at + start : at + start + SECTOR] = new[start : start + SECTOR]

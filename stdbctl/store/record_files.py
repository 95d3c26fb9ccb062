"""What a database's folder says of the database, beside the list: from it a list that is damaged is made anew.

    databases/<identity>/database.json    {"owner": 64 hex digits, "created": µs since 1970, "names": [...]}

The list is what counts; this follows it, and is brought up to it when the data folder is opened.
"""

import json
import os
from pathlib import Path

from stdbctl.sats import Identity, Timestamp
from stdbctl.store.databases import DatabaseRecord
from stdbctl.store.errors import damaged, store_faults
from stdbctl.store.sqlite import beside_of, sync_folder
from stdbctl.store.sqlite_store import DATABASE_FILE

RECORD_FILE = "database.json"


def write_record(folder: Path, record: DatabaseRecord) -> None:
    """Note a database in its folder, durably; what was noted before stays until then. StoreFault."""
    file = folder / RECORD_FILE
    told = {"owner": str(record.owner), "created": record.created.micros, "names": list(record.names)}
    with store_faults(file, "written"):
        with beside_of(file).open("w", encoding="utf-8") as beside:
            json.dump(told, beside)
            beside.flush()
            os.fsync(beside.fileno())
        os.replace(beside_of(file), file)
        sync_folder(folder)


def read_record(folder: Path) -> DatabaseRecord | None:
    """What was noted; None when it cannot be read, or is of a folder that is no database's."""
    try:
        told = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        return DatabaseRecord(
            Identity.from_hex(folder.name),
            Identity.from_hex(told["owner"]),
            Timestamp(int(told["created"])),
            tuple(str(name) for name in told["names"]),
        )
    except (OSError, ValueError, TypeError, LookupError):
        return None


def noted_records(folders: Path) -> tuple[DatabaseRecord, ...]:
    """Every database that has a folder in `folders`, the oldest first; a name that two of them have is the older's.

    Raises:
        StoreDamaged: there is a database's file and nothing that says what it is called.
    """
    with store_faults(folders, "read"):
        every = sorted(folders.iterdir())
    found = {folder: read_record(folder) for folder in every}
    for folder, record in found.items():
        if record is None and (folder / DATABASE_FILE).exists():
            raise damaged(folder / RECORD_FILE, "it is missing or cannot be read")
    records = sorted(filter(None, found.values()), key=lambda record: (record.created, record.identity.data))
    holders = {name: record.identity for record in reversed(records) for name in record.names}
    return tuple(DatabaseRecord(each.identity, each.owner, each.created, _held(each, holders)) for each in records)


def _held(record: DatabaseRecord, holders: dict[str, Identity]) -> tuple[str, ...]:
    return tuple(name for name in record.names if holders[name] == record.identity)

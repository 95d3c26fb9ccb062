"""The formats of files with rows."""

import enum
from pathlib import PurePath


class FileFormat(enum.Enum):
    """How a file holds rows; the value is its usual ending."""

    JSONL = "jsonl"
    CSV = "csv"


_ENDINGS = {".jsonl": FileFormat.JSONL, ".ndjson": FileFormat.JSONL, ".csv": FileFormat.CSV}
ENDINGS = tuple(_ENDINGS)
"""Of the files that hold rows."""


def format_of(path: PurePath) -> FileFormat | None:
    """The format that a file's ending says; None for another ending."""
    return _ENDINGS.get(path.suffix.lower())

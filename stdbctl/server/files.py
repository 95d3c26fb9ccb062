"""Writing small files whole: a reader sees the old text or the new one; what is secret is never readable by others."""

import os
import tempfile
from pathlib import Path

PRIVATE = 0o600
READABLE = 0o644


def write_whole(path: Path, text: str, *, mode: int = READABLE) -> None:
    """Replace `path` by a file holding `text` that is on disk when this returns; OSError when the disk says no."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, staged = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
        _sync_folder(path.parent)
    finally:
        Path(staged).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

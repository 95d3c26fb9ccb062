"""Writing small files whole: a reader sees the old text or the new one, never a part; secrets are born private."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stdbctl.project.errors import StateNotWritable

PRIVATE = 0o600
READABLE = 0o644


def write_whole(path: Path, text: str, *, mode: int = READABLE) -> None:
    """Replace `path` by a file holding `text`; faults: StateNotWritable."""
    with _staged(path, text, mode) as staged:
        os.replace(staged, path)


def write_if_absent(path: Path, text: str, *, mode: int = READABLE) -> bool:
    """Make `path` with `text` unless it exists, and say whether it was made.

    Of several processes that try at once exactly one succeeds, and the file is complete from its first moment.
    """
    with _staged(path, text, mode) as staged:
        try:
            os.link(staged, path)
        except FileExistsError:
            return False
        return True


@contextmanager
def _staged(path: Path, text: str, mode: int) -> Iterator[str]:
    """A temporary file beside `path` that holds `text`; gone afterwards unless it was renamed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, staged = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StateNotWritable(path, _reason(error)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
        yield staged
    except OSError as error:
        raise StateNotWritable(path, _reason(error)) from error
    finally:
        Path(staged).unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)

"""The files of a package that a database begins with: those with rows in its folder `seed`."""

from collections.abc import Mapping
from pathlib import PurePosixPath

SEED_FOLDER = "seed"
_ENDINGS = (".jsonl", ".ndjson", ".csv")


def seed_files(files: Mapping[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """(path, content) in order of their names. A module of one file has no folder, and so none of these."""
    inits = [PurePosixPath(path) for path in files if PurePosixPath(path).name == "__init__.py"]
    if not inits:
        return ()
    folder = min(inits, key=lambda path: (len(path.parts), path)).parent / SEED_FOLDER
    return tuple(
        (path, files[path])
        for path in sorted(files)
        if PurePosixPath(path).parent == folder and PurePosixPath(path).suffix.lower() in _ENDINGS
    )

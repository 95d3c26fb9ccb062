"""Putting generated files on disk: only what changed, by rename, and never over somebody else's file.

What a folder is for is known from the files themselves: those whose first line is our header are ours. A file that is
not generated stands in the way of nothing but its own name. Stale files are looked for in the folders that hold new
ones, among files of the same suffix; nothing else in the output folder is read.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from stdbctl.codegen.header import LINE_BYTES_MAX, is_generated, is_ours
from stdbctl.errors import Fault

_MAIN_FILES = ("__init__.py", "index.ts")
"""Written last of their folder: what a reader opens first imports the rest."""
_SHOWN_MAX = 3
"""So many of the files in the way are named in the message; all are in the attribute."""


class FileInTheWay(Fault):
    """Where a generated file belongs stands one that was not generated. Nothing was written."""

    code = "generate.file_in_the_way"

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN_MAX])
        more = f" and {len(paths) - _SHOWN_MAX} more" if len(paths) > _SHOWN_MAX else ""
        super().__init__(
            f"{shown}{more} would be overwritten, but {'was' if len(paths) == 1 else 'were'} not generated",
            why="only files that begin with the header of generated code are replaced",
            fix="move it away, or choose another output folder",
        )


class CannotWriteFiles(Fault):
    """The operating system refused to write or remove a generated file."""

    code = "generate.cannot_write"

    def __init__(self, out_dir: Path, error: OSError) -> None:
        self.out_dir = out_dir
        place = f"`{error.filename}`" if error.filename else f"a file in `{out_dir}`"
        super().__init__(
            f"cannot write {place}: {error.strerror or error}",
            fix="check the folder's permissions and the free space, or choose another output folder",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """What became of the files: paths relative to the output folder, sorted."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the folder held exactly these files already."""
        return not self.written and not self.removed


def compare_files(files: Mapping[str, str], out_dir: Path) -> WriteReport:
    """Say what `write_files` would do, and do nothing.

    Raises:
        FileInTheWay: a file that was not generated has the name of one of `files`.
        CannotWriteFiles: the folder cannot be read.
    """
    try:
        return _compare(files, out_dir)
    except OSError as error:
        raise CannotWriteFiles(out_dir, error) from error


def write_files(files: Mapping[str, str], out_dir: Path) -> WriteReport:
    """Make `out_dir` hold these files: path with `/`, relative to it -> text with its header.

    Files that are the same already are not touched. The others are written beside their places first and renamed only
    when all could be written, the ones at the top last: they import the rest. Then our stale files go.

    Raises:
        FileInTheWay: a file that was not generated has the name of one of `files`; nothing was written.
        CannotWriteFiles: permissions, disk full, …; until all were written nothing was replaced.
    """
    try:
        report = _compare(files, out_dir)
        if report.written:
            _replace({path: files[path] for path in report.written}, out_dir)
        for path in report.removed:
            (out_dir / path).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWriteFiles(out_dir, error) from error
    return report


def _compare(files: Mapping[str, str], out_dir: Path) -> WriteReport:
    assert all(is_ours(text.partition("\n")[0]) for text in files.values()), "a generated file lacks its header"
    written: list[str] = []
    unchanged: list[str] = []
    in_the_way: list[Path] = []
    for path, text in sorted(files.items()):
        place = out_dir / path
        if not os.path.lexists(place):
            written.append(path)
        elif not _is_plain_file(place) or not is_generated(_first_line(place)):
            in_the_way.append(place)
        else:
            (unchanged if place.read_bytes() == text.encode() else written).append(path)
    if in_the_way:
        raise FileInTheWay(tuple(in_the_way))
    return WriteReport(written=tuple(written), unchanged=tuple(unchanged), removed=_stale(files, out_dir))


def _stale(files: Mapping[str, str], out_dir: Path) -> tuple[str, ...]:
    suffixes = {PurePosixPath(path).suffix for path in files}
    found: list[str] = []
    for folder in sorted({PurePosixPath(path).parent for path in files}):
        here = out_dir / folder
        for entry in sorted(here.iterdir()) if here.is_dir() else ():
            path = (folder / entry.name).as_posix()
            if entry.suffix in suffixes and path not in files and _is_plain_file(entry) and is_ours(_first_line(entry)):
                found.append(path)
    return tuple(found)


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(LINE_BYTES_MAX).decode(errors="replace")


def _replace(files: Mapping[str, str], out_dir: Path) -> None:
    out_dir.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".stdbctl-", dir=out_dir))
    try:
        for number, text in enumerate(files.values()):
            (stage / str(number)).write_bytes(text.encode())
        for path in files:
            (out_dir / path).parent.mkdir(parents=True, exist_ok=True)
        numbered = sorted(enumerate(files), key=lambda item: (-item[1].count("/"), item[1] in _MAIN_FILES, item[1]))
        for number, path in numbered:
            (stage / str(number)).replace(out_dir / path)
    finally:
        shutil.rmtree(stage, ignore_errors=True)

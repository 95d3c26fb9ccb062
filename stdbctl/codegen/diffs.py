"""What would change in the files on disk, as a unified diff: what `generate --check` shows.

A diff is cut after a number of lines, because the first stale lines tell the cause and the rest repeat it.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from stdbctl.codegen.files import CannotWriteFiles, WriteReport

LINES_MAX = 200
"""Three screens; a change of one column takes some 40 lines in TypeScript."""
COMPARED_BYTES_MAX = 4_000_000
"""Larger files are not compared line by line: the comparison takes seconds from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDiff:
    """`lines`: those of a unified diff, without newlines; `is_cut`: whether there would be more."""

    lines: tuple[str, ...]
    is_cut: bool


def diff_files(
    files: Mapping[str, str], out_dir: Path, report: WriteReport, *, lines_max: int = LINES_MAX
) -> FilesDiff:
    """Compare what stands on disk (`-`) with what would be generated (`+`), for the files that `report` names.

    Paths stand in the diff as `out_dir` is given, so that `patch -p0` and editors find them; new files come from
    `/dev/null`, removed ones go there. Changed files come first: they tell most.

    Raises:
        CannotWriteFiles: a file that is there cannot be read.
    """
    try:
        found = tuple(islice(_lines(files, out_dir, report), lines_max + 1))
    except OSError as error:
        raise CannotWriteFiles(out_dir, error) from error
    return FilesDiff(lines=found[:lines_max], is_cut=len(found) > lines_max)


def _lines(files: Mapping[str, str], out_dir: Path, report: WriteReport) -> Iterator[str]:
    there = [path for path in report.written if (out_dir / path).is_file()]
    new = [path for path in report.written if path not in there]
    for path in (*there, *report.removed, *new):
        place = out_dir / path
        old = None if path in new else place.read_text(encoding="utf-8", errors="replace")
        yield from _file_lines(place.as_posix(), old, files.get(path))


def _file_lines(name: str, old: str | None, new: str | None) -> Iterator[str]:
    from_name = "/dev/null" if old is None else name
    to_name = "/dev/null" if new is None else name
    if len(old or "") + len(new or "") > COMPARED_BYTES_MAX:
        yield from (f"--- {from_name}", f"+++ {to_name}", "@@ too large to be compared line by line @@")
        return
    old_lines, new_lines = _split(old or ""), _split(new or "")
    yield from difflib.unified_diff(old_lines, new_lines, from_name, to_name, lineterm="")


def _split(text: str) -> list[str]:
    """Split at newlines alone: other separators stand inside string literals."""
    return text.removesuffix("\n").split("\n") if text else []

"""The seed files of a module as rows that wait."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from stdbctl.schema import ModuleDef
from stdbctl.transfer.formats import FileFormat, format_of
from stdbctl.transfer.staging import Staging

_TABLE_LINE = b'{"$table"'
_BLANK = b"\xef\xbb\xbf \t\r\n"


def names_its_tables(start: bytes) -> bool:
    """Whether a file of JSON Lines that begins with these bytes says itself for which tables its rows are."""
    return start.lstrip(_BLANK).startswith(_TABLE_LINE)


def stage_files(module: ModuleDef, files: Iterable[tuple[str, bytes]]) -> Staging:
    """Read whole files (path, content); what is wrong is in `problems`."""
    staging = Staging(module)
    for name, data in files:
        path = PurePosixPath(name)
        format_ = format_of(path) or FileFormat.JSONL
        is_told = format_ is FileFormat.JSONL and names_its_tables(data)
        staging.open(name, None if is_told else path.stem, format_)
        for _ in staging.feed(data):
            pass
        staging.close()
    return staging

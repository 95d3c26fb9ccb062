"""Where in a file something stands."""

import json
import re
from dataclasses import dataclass

from stdbctl.errors import Place

SHOWN_CHARS_MAX = 160
"""A longer line is not shown beside a problem."""
_CELL = re.compile(r'(?:"(?:[^"]|"")*"|[^,"])*')


@dataclass(frozen=True, slots=True)
class Lines:
    """A record: the file, its first line (1-based), its text."""

    file: str
    first: int
    text: str

    def place(self, line: int = 1, column: int = 1) -> Place:
        """A position in it, both 1-based."""
        lines = self.text.split("\n", line)
        source = lines[line - 1] if line <= len(lines) else ""
        shown = source.rstrip("\r")
        return Place(
            file=self.file,
            line=self.first + line - 1,
            column=column,
            source_line=shown if len(shown) <= SHOWN_CHARS_MAX and shown.isprintable() else "",
        )


def key_column(record: str, key: str) -> int:
    """The column at which a key stands in a line of JSON; 1 when it is written in another way."""
    at = record.find(json.dumps(key, ensure_ascii=False))
    return at + 1 if at >= 0 else 1


def cell_column(record: str, index: int) -> tuple[int, int]:
    """Line and column at which a cell of a CSV record begins."""
    start = 0
    for _ in range(index):
        match = _CELL.match(record, start)
        assert match is not None, "the pattern matches nothing, too"
        start = min(match.end() + 1, len(record))
    before = record[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1

"""Rows of several tables and files in one stream of bytes: parts, each with a line of JSON in front of it.

    {"$table": "point", "$format": "csv", "$bytes": 812, "$rows": 20}⏎ and 812 bytes of a CSV file
    {"$table": "point", "$format": "csv", "$bytes": 640, "$rows": 16}⏎ and 640 bytes more of it
    {"$table": "user", "$format": "jsonl", "$file": "seed/user.jsonl", "$bytes": 99}⏎ …

Parts that follow each other with the same table, format and file are one file. `$file` is how problems call it, `$rows`
how many rows end in the part; both may be missing. A part of `$bytes` 0 is an empty file.
"""

from dataclasses import dataclass

from stdbctl.errors import Fault
from stdbctl.sats import JsonError, dumps, loads
from stdbctl.transfer.formats import FileFormat

HEAD_BYTES_MAX = 16 * 1024
"""One line in front of a part."""


class BrokenParts(Fault):
    """A stream that should hold parts holds something else."""

    code = "data.broken_parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHead:
    """What stands in front of a part. `table`: "" = the rows say it themselves (`$table` lines)."""

    table: str
    format: FileFormat
    size: int
    file: str = ""
    rows: int = 0

    def encode(self) -> bytes:
        """The line."""
        data: dict[str, object] = {"$table": self.table, "$format": self.format.value, "$bytes": self.size}
        if self.file:
            data["$file"] = self.file
        return (dumps(data | {"$rows": self.rows}) + "\n").encode()

    @classmethod
    def decode(cls, line: bytes) -> "PartHead":
        """The inverse; BrokenParts."""
        try:
            data = loads(line)
            return cls(
                table=_text(data["$table"]),
                format=FileFormat(data["$format"]),
                size=_number(data["$bytes"]),
                file=_text(data.get("$file", "")),
                rows=_number(data.get("$rows", 0)),
            )
        except (JsonError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise BrokenParts(
                f"a part begins with `{line[:80].decode(errors='replace')}`",
                why='expected {"$table": …, "$format": "jsonl" or "csv", "$bytes": …}',
            ) from error


class PartSplitter:
    """Takes a stream apart: `feed` gives (head, bytes) pairs, the bytes of one part in as many pairs as they come."""

    def __init__(self) -> None:
        self._waiting = b""
        self._head: PartHead | None = None
        self._left = 0

    def feed(self, chunk: bytes) -> list[tuple[PartHead, bytes]]:
        """What these bytes complete; BrokenParts. A part's head comes with its first bytes, or with none."""
        data = self._waiting + chunk
        found: list[tuple[PartHead, bytes]] = []
        self._waiting = b""
        while data:
            if self._head is None or not self._left:
                line, newline, rest = data.partition(b"\n")
                if not newline:
                    if len(line) > HEAD_BYTES_MAX:
                        raise BrokenParts(f"no line ends within the first {HEAD_BYTES_MAX} bytes of a part")
                    self._waiting = data
                    return found
                self._head = PartHead.decode(line)
                self._left, data = self._head.size, rest
                if not self._left:
                    found.append((self._head, b""))
                continue
            taken, data = data[: self._left], data[self._left :]
            self._left -= len(taken)
            found.append((self._head, taken))
        return found

    def end(self) -> None:
        """The stream has ended; BrokenParts in the middle of a part."""
        if self._left or self._waiting:
            raise BrokenParts("the stream ends in the middle of a part")


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise TypeError
    return data


def _number(data: object) -> int:
    if type(data) is not int or data < 0:
        raise TypeError
    return data

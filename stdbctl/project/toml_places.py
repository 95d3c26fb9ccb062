"""Where a key of a TOML file stands: `tomllib` gives values without positions, and mistakes need a line.

A key's path is a tuple of names and, for arrays of tables, positions: `("generate", 0, "lang")`. Keys written in inline
tables or with dots are not found; the place is then the enclosing table's header, or the first line.
"""

import re

from stdbctl.errors import Place

KeyPath = tuple[str | int, ...]
_HEADER = re.compile(r"""^\s*(?P<open>\[\[?)\s*(?P<name>[^\[\]]+?)\s*\]\]?\s*(?:#.*)?$""")
_KEY = re.compile(r"""^\s*(?P<name>"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=\s*(?P<value>.*)$""")


class TomlPlaces:
    """The places of all plain keys and table headers of one TOML text; `file` is how the file is to be shown."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._places: dict[KeyPath, Place] = {}
        self._scan()

    def line(self, number: int, column: int = 1) -> Place:
        """A place by its 1-based line, kept inside the file."""
        number = max(1, min(number, len(self._lines) or 1))
        source = self._lines[number - 1] if self._lines else ""
        return Place(file=self._file, line=number, column=column, source_line=source)

    def of(self, path: KeyPath) -> Place:
        """The place of a key or, when it is not found, of the nearest thing around it."""
        while path:
            if path in self._places:
                return self._places[path]
            path = path[:-1]
        return self.line(1)

    def _scan(self) -> None:
        table: KeyPath = ()
        counts: dict[str, int] = {}
        for number, text in enumerate(self._lines, start=1):
            if header := _HEADER.match(text):
                table = self._table(header, counts)
                self._keep(table, number, header.start("name"), header.end("name"))
            elif key := _KEY.match(text):
                name = key["name"].strip("\"'")
                self._keep((*table, name), number, key.start("name"), key.end("name"))

    def _table(self, header: re.Match[str], counts: dict[str, int]) -> KeyPath:
        names = tuple(part.strip().strip("\"'") for part in header["name"].split("."))
        if header["open"] == "[":
            return names
        key = ".".join(names)
        counts[key] = counts.get(key, -1) + 1
        return (*names, counts[key])

    def _keep(self, path: KeyPath, number: int, start: int, end: int) -> None:
        source = self._lines[number - 1]
        place = Place(file=self._file, line=number, column=start + 1, end_column=end + 1, source_line=source)
        self._places.setdefault(path, place)

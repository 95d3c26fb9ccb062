"""Growing Python source: indented lines, fresh names, and the functions of one compiled type."""

from typing import Any

from stdbctl.sats.leaves import NAMES


class Source:
    """The module text that becomes one codec; `names` are its globals (Any: whatever the code refers to)."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = dict(NAMES)
        self.functions: list[str] = []
        self._serial = 0

    def fresh(self, prefix: str) -> str:
        """A name that nothing else in this source has."""
        self._serial += 1
        return f"{prefix}{self._serial}"

    def struct_method(self, format_: str, method: str) -> str:
        """The name under which a bound method of `Struct("<" + format_)` stands."""
        name = f"{method}_{format_}"
        if name not in self.names:
            self.names[name] = getattr(self.names["Struct"]("<" + format_), method)
        return name

    def run(self) -> dict[str, Any]:
        """Execute all functions and give back their namespace."""
        exec(compile("\n".join(self.functions), "<stdbctl codec>", "exec"), self.names)
        return self.names


class Body:
    """Lines of one function, at some depth."""

    def __init__(self, source: Source, depth: int = 1) -> None:
        self.source, self.depth = source, depth
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def define(self, header: str) -> None:
        """Put the lines under `def header:` into the source."""
        self.source.functions.append("\n".join([f"def {header}:", *self.lines]))

    def define_guarded(self, header: str, first: str, rescue: str) -> None:
        """The same, with the line `first` in front, and `return rescue` when anything is raised."""
        lines = ["    " + line for line in self.lines]
        head = [f"def {header}:", f"    {first}", "    try:"]
        tail = ["    except Exception:", "        pass", f"    return {rescue}"]
        self.source.functions.append("\n".join([*head, *lines, *tail]))

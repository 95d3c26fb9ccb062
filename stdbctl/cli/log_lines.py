"""Records of a module's log: one JSON object per line in, one readable line out.

2026-01-31T12:00:00.123456Z  INFO: add_point module/__init__.py:24: drew a point
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stdbctl.records import SYSTEM_TARGET, LogLevel
from stdbctl.sats import Timestamp

if TYPE_CHECKING:
    from rich.text import Text

_TRACEBACK = "Traceback (most recent call last):"
"""How a message begins that shows the frames by itself, with files and lines."""
_STYLES = {
    LogLevel.ERROR: "red",
    LogLevel.WARN: "yellow",
    LogLevel.INFO: "blue",
    LogLevel.DEBUG: "dim bold",
    LogLevel.TRACE: "dim",
    LogLevel.PANIC: "bright_red bold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One record; `raw` is its JSON as the server sent it, `fields` the decoded object."""

    raw: str
    level: LogLevel
    ts: int
    fields: dict[str, Any]  # Any: decoded JSON, each field is looked at when it is shown

    @classmethod
    def parse(cls, raw: str) -> "LogLine":
        """Read one line; ValueError when it is no record."""
        fields = json.loads(raw)
        try:
            return cls(raw=raw, level=LogLevel(fields["level"]), ts=int(fields["ts"]), fields=fields)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a log record: {raw[:80]}") from error

    def styled(self, *, with_time: bool = True) -> "Text":
        """The record as a line of text; one line per frame of its trace, unless the message shows them by itself."""
        from rich.text import Text

        function, file = self._shown("function"), self._shown("filename")
        number = self.fields.get("line_number")
        parts: list[str | tuple[str, str]] = [(f"{_moment(self.ts)} ", "dim")] if with_time else []
        parts += [(f"{self.level.name:>5}", _STYLES[self.level]), ": "]
        if function:
            parts.append((f"{function} " if file else function, "dim"))
        if file:
            parts.append((f"{file}:{number}" if number is not None else file, "dim"))
        if function or file:
            parts.append(": ")
        message = str(self.fields.get("message", ""))
        parts.append(message)
        for frame in () if message.startswith(_TRACEBACK) else self.fields.get("trace") or ():
            parts.append(f"\n    in {frame.get('module_name', '?')} :: {frame.get('func_name', '?')}")
        return Text.assemble(*parts)

    def _shown(self, key: str) -> str:
        value = self.fields.get(key)
        return "" if value is None or value == SYSTEM_TARGET else str(value)


def _moment(micros: int) -> str:
    return str(Timestamp(micros)).replace("+00:00", "Z")

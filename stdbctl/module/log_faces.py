"""What else a module may write with: `sys.stdout`, `warnings`, `traceback` and `pprint`, all leading to its log.

Each version gets copies of these modules; Python's own, which the server uses, stay as they are.
"""

import io
import pprint
import re
import sys
import traceback
import warnings
from types import ModuleType
from typing import Any, TextIO, cast

from stdbctl.module.guard_faces import ModuleFace
from stdbctl.module.log import NOWHERE, LogFace, LogPlace, caller_of
from stdbctl.records import LogLevel

LINE_CHARS_MAX = 100_000
"""A line that is longer is written in pieces."""


class LogStream(io.TextIOBase):
    """A stream whose lines become lines of the log; a last one without an end is written when the call ends."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, log: LogFace, level: LogLevel, name: str) -> None:
        self._log, self._level, self.name, self.mode = log, level, name, "w"
        self._begun, self._place = "", NOWHERE

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        *lines, self._begun = (self._begun + text).split("\n")
        self._place = caller_of(1)
        for line in lines:
            self._log.write_at(self._place, self._level, line)
        if len(self._begun) > LINE_CHARS_MAX:
            self.finish()
        if self._begun:
            self._log.unfinished[self.name] = self.finish
        return len(text)

    def finish(self) -> None:
        """Write the line that has no end yet."""
        line, self._begun = self._begun, ""
        if line:
            self._log.write_at(self._place, self._level, line)


class LogFaces:
    """The copies of one version."""

    def __init__(self, log: LogFace) -> None:
        self._log = log
        self.stdout = LogStream(log, LogLevel.INFO, "<stdout>")
        self.stderr = LogStream(log, LogLevel.WARN, "<stderr>")
        log.streams = (self.stdout, self.stderr)
        self._made: dict[str, ModuleType] = {}

    def face_of(self, module: ModuleType) -> ModuleType:
        """The version's own copy of a module that writes, else the module."""
        if module.__name__ == "logging":
            return self._log.logging(module)
        names = {"sys": self._sys, "warnings": self._warnings, "traceback": self._traceback, "pprint": self._pprint}
        make = names.get(module.__name__)
        if make is None:
            return module
        if module.__name__ not in self._made:
            face = self._made[module.__name__] = ModuleFace(module)
            vars(face).update(make())
        return self._made[module.__name__]

    def _sys(self) -> dict[str, object]:
        return {"stdout": self.stdout, "stderr": self.stderr, "__stdout__": self.stdout, "__stderr__": self.stderr}

    def _warnings(self) -> dict[str, object]:
        own = OwnWarnings(self._log)
        names = ("warn", "warn_explicit", "simplefilter", "filterwarnings", "resetwarnings")
        return {"catch_warnings": own.catching()} | {name: getattr(own, name) for name in names}

    def _traceback(self) -> dict[str, object]:
        log, stderr = self._log, self.stderr

        def format_exc(limit: int | None = None, chain: bool = True) -> str:
            error = sys.exception()
            return "NoneType: None\n" if error is None else f"{log.render(error)}\n"

        def format_exception(exc: Any, /, value: Any = None, tb: object = None, **_options: object) -> list[str]:
            return f"{log.render(value if isinstance(value, BaseException) else exc)}\n".splitlines(keepends=True)

        def print_exc(limit: int | None = None, file: TextIO | None = None, chain: bool = True) -> None:
            _put(format_exc(), file)

        def print_exception(
            exc: Any, /, value: Any = None, tb: Any = None, *_: Any, file: Any = None, **__: Any
        ) -> None:
            _put("".join(format_exception(exc, value, tb)), file)

        def _put(text: str, file: TextIO | None) -> None:
            if file is None:
                log.write_at(caller_of(1), LogLevel.ERROR, text.rstrip("\n"))
            else:
                file.write(text)

        def print_stack(f: Any = None, limit: int | None = None, file: TextIO | None = None) -> None:
            traceback.print_stack(f or sys._getframe(1), limit, file or stderr)

        def print_tb(tb: Any, limit: int | None = None, file: TextIO | None = None) -> None:
            traceback.print_tb(tb, limit, file or stderr)

        return {
            "format_exc": format_exc,
            "format_exception": format_exception,
            "print_exc": print_exc,
            "print_exception": print_exception,
            "print_stack": print_stack,
            "print_tb": print_tb,
        }

    def _pprint(self) -> dict[str, object]:
        log, stdout = self._log, self.stdout

        class PrettyPrinter(pprint.PrettyPrinter):
            def __init__(
                self, indent: int = 1, width: int = 80, depth: Any = None, stream: Any = None, **o: Any
            ) -> None:
                super().__init__(indent, width, depth, stream or cast(TextIO, stdout), **o)  # a stream of text

        def own_pprint(object: object, stream: Any = None, *args: Any, **options: Any) -> None:  # noqa: A002
            if stream is not None:
                pprint.pprint(object, stream, *args, **options)
            else:
                log.write_at(caller_of(1), LogLevel.INFO, pprint.pformat(object, *args, **options))

        def pp(object: object, *args: Any, sort_dicts: bool = False, **options: Any) -> None:  # noqa: A002
            own_pprint(object, *args, sort_dicts=sort_dicts, **options)

        own_pprint.__name__ = "pprint"
        return {"PrettyPrinter": PrettyPrinter, "pprint": own_pprint, "pp": pp}


class OwnWarnings:
    """`warnings` for one version: the same rules, with filters of its own; what is shown goes to the log."""

    def __init__(self, log: LogFace) -> None:
        self._log = log
        self._filters: list[tuple[str, re.Pattern[str], type[Warning]]] = []
        self._caught: list[warnings.WarningMessage] | None = None

    def warn(
        self, message: Any, category: type[Warning] | None = None, stacklevel: int = 1, *_: Any, **__: Any
    ) -> None:
        """Log a warning at the caller's line, or raise it, as the filters say."""
        self._show(message, category, caller_of(max(1, stacklevel)))

    def warn_explicit(self, message: Any, category: type[Warning], *_: Any, **__: Any) -> None:
        """The same; the place is the caller's own."""
        self._show(message, category, caller_of(1))

    def _show(self, message: Any, category: type[Warning] | None, place: LogPlace) -> None:
        given = message if isinstance(message, Warning) else (category or UserWarning)(message)
        action = next((a for a, text, kind in self._filters if isinstance(given, kind) and text.match(str(given))), "")
        if action == "error":
            raise given
        if action == "ignore":
            return
        if self._caught is not None:
            self._caught.append(warnings.WarningMessage(given, type(given), place.file or "", place.line or 0))
            return
        self._log.write_at(place, LogLevel.WARN, f"{type(given).__name__}: {given}")

    def filterwarnings(
        self,
        action: str,
        message: str = "",
        category: type[Warning] = Warning,
        *_: Any,
        append: bool = False,
        **__: Any,
    ) -> None:
        """Put a filter before the others, or behind them."""
        entry = (action, re.compile(message, re.IGNORECASE), category)
        self._filters.insert(len(self._filters) if append else 0, entry)

    def simplefilter(
        self, action: str, category: type[Warning] = Warning, lineno: int = 0, append: bool = False
    ) -> None:
        """A filter for every message."""
        self.filterwarnings(action, "", category, append=append)

    def resetwarnings(self) -> None:
        """Forget all filters."""
        self._filters.clear()

    def catching(own) -> type:  # noqa: N805  # `self` is the context manager's
        """The class `catch_warnings`, bound to these filters."""

        class catch_warnings:  # noqa: N801  # the name in Python
            def __init__(
                self, *, record: bool = False, action: str | None = None, category: type[Warning] = Warning, **_: Any
            ) -> None:
                self._record, self._action, self._category = record, action, category

            def __enter__(self) -> list[warnings.WarningMessage] | None:
                self._filters, self._caught = own._filters.copy(), own._caught
                if self._action is not None:
                    own.simplefilter(self._action, self._category)
                if self._record:
                    own._caught = []
                return own._caught if self._record else None

            def __exit__(self, *_: object) -> None:
                own._filters[:], own._caught = self._filters, self._caught

        return catch_warnings

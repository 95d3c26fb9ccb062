"""The module's log: what `logging` and `print` of a module's own files write.

The module's files get a `logging` of their own: the same classes, but a root logger, a registry of loggers and
the module-level functions apart from those of the host process, so neither disturbs the other.
"""

import logging
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, TextIO

from stdbctl.records import LogLevel, LogRecord

KEPT_LINES_MAX = 1000
"""Lines written before an instance exists (during the import) that are kept for it; older ones are dropped."""

Sink = Callable[[LogRecord], None]
Clock = Callable[[], int]

_LEVELS = (
    (logging.CRITICAL, LogLevel.ERROR),
    (logging.ERROR, LogLevel.ERROR),
    (logging.WARNING, LogLevel.WARN),
    (logging.INFO, LogLevel.INFO),
    (logging.DEBUG, LogLevel.DEBUG),
)


def level_of(number: int) -> LogLevel:
    """The log level for a `logging` level: below DEBUG is Trace, CRITICAL is Error."""
    return next((level for floor, level in _LEVELS if number >= floor), LogLevel.TRACE)


class ModuleLog:
    """Takes what one version of a module writes to its current sink; without one, keeps the last lines.

    `clock`: gives microseconds since 1970. `render`: the text of an exception that was logged.
    """

    def __init__(self, clock: Clock, render: Callable[[BaseException], str]) -> None:
        self.clock, self.render = clock, render
        self.sink: Sink | None = None
        self.unfinished: dict[str, Callable[[], None]] = {}
        """Streams with a line that has no end yet: name -> what writes it."""
        self.kept: deque[LogRecord] = deque(maxlen=KEPT_LINES_MAX)

    def write(self, record: LogRecord) -> None:
        """Send one record to the sink, or keep it."""
        if self.sink is None:
            self.kept.append(record)
        else:
            self.sink(record)

    def finish_lines(self) -> None:
        """A call ends: write the lines that have no end."""
        while self.unfinished:
            self.unfinished.popitem()[1]()

    def open(self, sink: Sink) -> None:
        """Write to `sink` from now on, beginning with the lines that were kept."""
        self.sink = sink
        while self.kept:
            sink(self.kept.popleft())


class LogPlace(NamedTuple):
    """What a log line says of its origin. `name`: of the module or the logger."""

    name: str
    file: str | None
    line: int | None
    function: str | None

    @classmethod
    def of(cls, frame: types.FrameType) -> "LogPlace":
        """Where a frame is now."""
        name, code = str(frame.f_globals.get("__name__", "")), frame.f_code
        return cls(name, code.co_filename, frame.f_lineno, code.co_name)


NOWHERE = LogPlace("", None, None, None)


class LogFace:
    """The log as a module's own files see it: `print`, and a `logging` apart from the host's.

    It holds the log weakly: modules stand in `sys.modules`, and through the log's sink they would hold the database,
    and with it the very version whose end takes them out of there.
    """

    def __init__(self, log: ModuleLog) -> None:
        self._log = weakref.ref(log)
        self._root = _private_root(_Handler(self))
        self._logging: types.ModuleType | None = None
        self.streams: tuple[object, ...] = ()
        """The module's own `sys.stdout` and `sys.stderr`."""

    @property
    def unfinished(self) -> dict[str, Callable[[], None]]:
        """The log's streams with a line that has no end yet."""
        log = self._log()
        return {} if log is None else log.unfinished

    def render(self, error: BaseException) -> str:
        """The text of an exception: the author's own frames."""
        log = self._log()
        return str(error) if log is None else log.render(error)

    def write_at(self, place: "LogPlace", level: LogLevel, message: str) -> None:
        """Write one line that was written at a place of the author's."""
        self.write(level, message, *place)

    def write(
        self,
        level: LogLevel,
        message: str,
        name: str,
        file: str | None,
        line: int | None,
        function: str | None,
        error: object = None,
    ) -> None:
        """Write one line; `error` is an exception to be shown below it."""
        log = self._log()
        if log is None:
            return
        if isinstance(error, BaseException):
            message = f"{message}\n{log.render(error)}"
        log.write(
            LogRecord(
                level=level,
                ts=log.clock(),
                message=message,
                target=plain_name(name),
                filename=file,
                line_number=line,
                function=function,
            )
        )

    def print(
        self,
        *values: object,
        sep: str | None = " ",
        end: str | None = "\n",
        file: TextIO | None = None,
        flush: bool = False,
    ) -> None:
        """The module's `print`: a line of its log, unless it names another file."""
        if file is not None and file is not sys.stdout and file not in self.streams[:1]:
            print(*values, sep=sep, end=end, file=file, flush=flush)
            return
        text = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
        self.write_at(LogPlace.of(sys._getframe(1)), LogLevel.INFO, text.removesuffix("\n"))

    def logging(self, module: types.ModuleType) -> types.ModuleType:
        """The module's own copy of `logging` (a submodule of it is handed out as it is)."""
        if module is not logging:
            return module
        if self._logging is None:
            self._logging = _private_logging(self._root)
        # Submodules imported since, such as logging.handlers, show up as attributes.
        vars(self._logging).update((k, v) for k, v in vars(logging).items() if isinstance(v, types.ModuleType))
        return self._logging


class _Handler(logging.Handler):
    """Turns a record of `logging` into a line of the module's log."""

    def __init__(self, face: LogFace) -> None:
        super().__init__()
        self.face = face

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception as bad:  # as in Python's logging, a bad format never breaks the program
            message = f"{record.msg} {record.args} (cannot be formatted: {bad})"
        error = record.exc_info[1] if record.exc_info else None
        place = record.pathname, record.lineno, record.funcName
        self.face.write(level_of(record.levelno), message, record.name, *place, error)


def caller_of(level: int) -> LogPlace:
    """Where a module's own file called; `level`: how many such frames up, 1 = the nearest."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if "@" in str(frame.f_globals.get("__name__", "")):
            level -= 1
            if level <= 0:
                return LogPlace.of(frame)
        frame = frame.f_back
    return NOWHERE


def plain_name(name: str) -> str:
    """The name without the mark of a version: `board@3.helpers` -> `board.helpers`."""
    head, at, rest = name.partition("@")
    return head + rest.lstrip("0123456789") if at else name


def _private_root(handler: logging.Handler) -> logging.RootLogger:
    root: Any = logging.RootLogger(logging.NOTSET)  # Any: instance attributes shadow Logger's class attributes
    root.manager = logging.Manager(root)
    root.root = root
    root.addHandler(handler)
    return root  # type: ignore[no-any-return]  # it is the RootLogger from above


def _private_logging(root: logging.RootLogger) -> types.ModuleType:
    """A `logging` whose functions are those of Python, bound to another root logger."""
    own = types.ModuleType("logging", logging.__doc__)
    names = vars(own)
    names.update(vars(logging))

    def get_logger(name: str | None = None) -> logging.Logger:
        return root.manager.getLogger(name) if name and name != root.name else root

    for name, value in vars(logging).items():
        if isinstance(value, types.FunctionType) and value.__globals__ is vars(logging):
            copy = types.FunctionType(value.__code__, names, name, value.__defaults__, value.__closure__)
            copy.__kwdefaults__ = value.__kwdefaults__
            names[name] = copy
    names["root"] = root
    names["getLogger"] = get_logger
    return own

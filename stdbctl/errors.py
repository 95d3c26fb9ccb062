"""The base classes of our errors; each rule's own class stands beside its rule.

StdbctlError
├── Problem            the user can fix it: has a place, is collected, never raised by itself
│   └── (one class per rule, with a stable `code` and a page `docs/errors/<code>.md`)
├── Problems           raised at the rim when an operation ends because of collected problems
├── Fault              the world said no: port taken, disk full, broken file, server not reachable
└── ReducerError       the author's own refusal inside a reducer: rolls back, text reaches the caller
    └── UniqueViolation, RowNotFound, NotIndexed, … (stdbctl.records)
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A position in a source file: what a code frame points at.

    `file`: the path as it is to be shown (relative to the project where possible).
    `line`, `column`: 1-based; `end_column` is exclusive and on the same line (None = to the line's end).
    `source_line`: the text of the line, without its newline.
    """

    file: str
    line: int
    column: int = 1
    end_column: int | None = None
    source_line: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class StdbctlError(Exception):
    """Root of every error that stdbctl raises on purpose.

    `what`: the one-line statement; `why`: the reason (may be empty); `fix`: what to do next (may be empty).
    """

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        self.what, self.why, self.fix = what, why, fix
        super().__init__(what)

    def __str__(self) -> str:
        return "; ".join(part for part in (self.what, self.why) if part) + (f" ({self.fix})" if self.fix else "")


class Severity(enum.Enum):
    """How much a problem counts: an error keeps a module from being used, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(StdbctlError):
    """Something in the user's module or project that the user can fix. Collected, not raised.

    `code` is stable and dotted (`module.unknown_type`) and has a page under docs/errors/.
    `place` may be None where no source exists (a definition that came over the network).
    """

    code = "problem"
    severity: ClassVar[Severity] = Severity.ERROR
    place: Place | None

    def __init__(self, *, what: str, why: str = "", fix: str = "", place: Place | None = None) -> None:
        super().__init__(what, why=why, fix=fix)
        self.place = place

    def at(self, place: Place | None) -> "Problem":
        """Give the problem a place if it has none yet, and return it."""
        if self.place is None:
            self.place = place
        return self


class Problems(StdbctlError):
    """An operation ended because of these problems; `problems` is sorted by place and never empty."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_order))
        assert self.problems, "Problems needs at least one problem"
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' * (count != 1)}: " + "; ".join(str(p) for p in self.problems))


def _order(problem: Problem) -> tuple[object, ...]:
    place = problem.place
    position = (place.file, place.line, place.column) if place is not None else ("", 0, 0)
    return (place is None, *position, problem.code, problem.what)


class Fault(StdbctlError):
    """The world said no. Raised where it happens, caught where something useful can be said."""

    code = "fault"


class ReducerError(StdbctlError):
    """Raised by a module's author (or by a table rule) to refuse a call.

    The transaction rolls back and the text reaches the caller as it is.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)

    def __str__(self) -> str:
        # An author's subclass may have an `__init__` of its own that leaves this one out.
        return self.what if hasattr(self, "what") else Exception.__str__(self)

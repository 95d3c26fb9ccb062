"""Problems as code frames: where, the source line with the place underlined, why, and what to do.

module/__init__.py:12:8: error: unknown type `Foo` for column `Point.x`
   │
12 │     x: Foo
   │        ^^^
   = why: …
   = fix: …
   = code: module.unknown_type
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stdbctl.errors import Place, Problem, Severity, StdbctlError

if TYPE_CHECKING:
    from rich.text import Text

WARNINGS_MAX = 5
"""So many warnings are shown beside something else; of more, only how many."""
_COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def problem_lines(problem: Problem) -> "list[Text]":
    """One problem, rendered; a problem without a place is its sentences alone."""
    from rich.text import Text

    place = problem.place
    if place is None:
        return [*error_lines(problem, problem.severity), *_code(problem, "  ")]
    color = _COLORS[problem.severity]
    lines = [Text.assemble((f"{place}: ", "bold"), (f"{problem.severity.value}: ", color), (problem.what, "bold"))]
    gutter = len(str(place.line))
    if place.source_line.strip():
        source, caret = _underlined(place)
        lines += [
            Text.assemble((f"{' ' * gutter} │", "blue")),
            Text.assemble((f"{place.line} │ ", "blue"), source),
            Text.assemble((f"{' ' * gutter} │ ", "blue"), (caret, color)),
        ]
    indent = " " * (gutter + 1)
    return [*lines, *_reasons(problem, indent), *_code(problem, indent)]


def warning_lines(warnings: Sequence[Problem]) -> "list[Text]":
    """Warnings in one line each, as a command shows them whose answer is something else."""
    from rich.text import Text

    color = _COLORS[Severity.WARNING]
    lines = [
        Text.assemble((f"{warning.place or ''}: ", "bold"), ("warning: ", color), f"{warning.what} ({warning.fix})")
        for warning in warnings[:WARNINGS_MAX]
    ]
    more = len(warnings) - len(lines)
    if more:
        lines.append(Text.assemble(("warning: ", color), f"{more} more; `stdbctl check` shows all"))
    return lines


def error_lines(error: StdbctlError, severity: Severity = Severity.ERROR) -> "list[Text]":
    """Any error of ours without a place: `error: what`, then why and fix."""
    from rich.text import Text

    head = Text.assemble((f"{severity.value}: ", _COLORS[severity]), (error.what, "bold"))
    return [head, *_reasons(error, "  ")]


def problem_json(problem: Problem) -> dict[str, object]:
    """One problem as docs/cli.md shows it."""
    place = problem.place
    return error_json(problem, problem.code) | {
        "severity": problem.severity.value,
        "place": None
        if place is None
        else {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end_column": place.end_column,
            "source_line": place.source_line,
        },
    }


def error_json(error: StdbctlError, code: str) -> dict[str, object]:
    """The parts that every error has."""
    return {"code": code, "what": error.what, "why": error.why, "fix": error.fix}


def _code(problem: Problem, indent: str) -> "list[Text]":
    """The stable code, whose page under docs/errors/ says more."""
    from rich.text import Text

    return [Text.assemble((f"{indent}= code: ", "blue"), problem.code)] if "." in problem.code else []


def _reasons(error: StdbctlError, indent: str) -> "list[Text]":
    from rich.text import Text

    lines = []
    for word, text, style in (("why", error.why, "yellow"), ("fix", error.fix, "green")):
        for position, part in enumerate(text.splitlines()):
            label = f"= {word}: " if position == 0 else " " * (len(word) + 4)
            lines.append(Text.assemble((f"{indent}{label}", style), part))
    return lines


def _underlined(place: Place) -> tuple[str, str]:
    """The source line with tabs widened, and carets under the place, counted in terminal cells."""
    from rich.cells import cell_len

    start = max(0, place.column - 1)
    end = place.end_column - 1 if place.end_column is not None else len(place.source_line.rstrip())
    before, marked = (
        _widened(part) for part in (place.source_line[:start], place.source_line[start : max(end, start + 1)])
    )
    rest = _widened(place.source_line[max(end, start + 1) :]).rstrip()
    return before + marked + rest, " " * cell_len(before) + "^" * max(1, cell_len(marked))


def _widened(text: str) -> str:
    return text.replace("\t", "    ")

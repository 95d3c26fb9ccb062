"""Problems as text, for comparing them with `expected.txt` and for reading them as a user would."""

from collections.abc import Iterable

from stdbctl.errors import Problem


def problem_text(problem: Problem) -> str:
    """Code and place, the source line with its mark, then what, why and fix."""
    lines = [f"{problem.code} {problem.place or ''}".rstrip()]
    place = problem.place
    if place is not None:
        end = place.end_column or len(place.source_line) + 1
        lines += [f"    {place.source_line}", f"    {' ' * (place.column - 1)}{'^' * max(end - place.column, 1)}"]
    lines.append(problem.what)
    lines += [f"why: {problem.why}"] if problem.why else []
    lines += [f"fix: {problem.fix}"] if problem.fix else []
    return "\n".join(lines)


def problems_text(problems: Iterable[Problem]) -> str:
    """All of them, with an empty line between."""
    return "\n\n".join(map(problem_text, problems)) + "\n"

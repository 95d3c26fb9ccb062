"""Problems that a server found: in a module, in a change of schema, or in rows."""

from collections.abc import Iterable, Mapping
from typing import Any  # Any: JSON data

from stdbctl.errors import Place, Problem
from stdbctl.schema import DefProblem, Subject


class FoundByServer(Problem):
    """A problem whose code, text and place came from a server (docs/server.md).

    `subject`: what of the module it is about, as in `DefProblem`; empty where it is about something else.
    """

    def __init__(self, data: Any) -> None:
        place = data.get("place")
        super().__init__(
            what=str(data["what"]),
            why=str(data["why"]),
            fix=str(data["fix"]),
            place=None
            if place is None
            else Place(
                file=str(place["file"]),
                line=int(place["line"]),
                column=int(place["column"]),
                source_line=str(place["source_line"]),
            ),
        )
        self.code = str(data["code"])
        self.subject: Subject = tuple(map(str, data.get("subject", ())))


def placed(problems: Iterable[Problem], places: Mapping[Subject, Place]) -> tuple[Problem, ...]:
    """The same, each at the place of its subject in the author's sources, else of the nearest thing around that."""
    return tuple(
        problem.at(_nearest(problem.subject, places)) if isinstance(problem, DefProblem | FoundByServer) else problem
        for problem in problems
    )


def _nearest(subject: Subject, places: Mapping[Subject, Place]) -> Place | None:
    found = (places.get(subject[:end]) for end in range(len(subject), 0, -1))
    return next((place for place in found if place is not None), None)

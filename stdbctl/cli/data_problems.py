"""Problems that a server found in rows, as the command line shows its own."""

from collections.abc import Iterable
from typing import Any  # Any: JSON data

from stdbctl.errors import Place, Problem, Problems


class FoundByServer(Problem):
    """A problem whose code, text and place came from a server."""

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


def problems_of(data: Iterable[Any]) -> Problems:
    """All of them, to be raised."""
    return Problems([FoundByServer(each) for each in data])

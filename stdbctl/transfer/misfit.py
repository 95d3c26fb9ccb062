"""A value in a file that is none of its column's type."""

import json
from typing import Any  # Any: JSON data is what it is

from stdbctl.sats import steps_text

GIVEN_MAX = 60
"""Characters of a value shown in an error."""


class Misfit(Exception):
    """`expected`, `given`: for people. `path`: where inside the value, outermost step first."""

    def __init__(self, expected: str, data: Any) -> None:
        self.expected, self.given = expected, given_text(data)
        self.path: tuple[str | int, ...] = ()
        super().__init__(f"expected {expected}, got {self.given}")

    def inside(self, step: str | int) -> "Misfit":
        """The same, seen from one level further out."""
        self.path = (step, *self.path)
        return self

    @property
    def where(self) -> str:
        """`[3].x`; empty for the whole value."""
        return steps_text(self.path)


def given_text(data: Any) -> str:
    """What came, as JSON, cut where it is long."""
    text = data if isinstance(data, _Raw) else json.dumps(data, ensure_ascii=False)
    return text if len(text) <= GIVEN_MAX else text[: GIVEN_MAX - 1] + "…"


class _Raw(str):
    """Text that is shown as it is."""

    __slots__ = ()


def raw(text: str) -> str:
    """Something to be shown in place of data: `nothing`."""
    return _Raw(text)

# ruff: noqa: A002  # parameters have the names they have
"""The reducers of the module, one function each; and its procedures."""

from stdbctl import client
from stdbctl.client import Call

from .types import Color, Shape


class Reducers(client.Reducers):
    """Calls that are sent at once: await them, or leave them."""

    def add_point(self, *, x: float, y: float, color: Color, shape: Shape, note: str | None) -> Call[None]:
        """Put a point on the board."""
        return self._call("add_point", x, y, color, shape, note)

    def clear_points(self) -> Call[None]:
        """Remove all points of the caller."""
        return self._call("clear_points")

    def add_many(self, *, count: int) -> Call[None]:
        """Put many points on the board."""
        return self._call("add_many", count)

    def fail(self) -> Call[None]:
        """End with an error that nobody meant."""
        return self._call("fail")

    def move_point(self, *, id: int, x: float) -> Call[None]:
        """Change where a point is."""
        return self._call("move_point", id, x)

    def ping(self, *, tags: list[str]) -> Call[None]:
        """Tell everybody that the caller is there."""
        return self._call("ping", tags)

    def tally(self, *, name: str, count: int) -> Call[None]:
        """Note a number."""
        return self._call("tally", name, count)


class SyncReducers(client.SyncReducers):
    """The same calls, waiting for the answer."""

    def add_point(self, *, x: float, y: float, color: Color, shape: Shape, note: str | None) -> None:
        """Put a point on the board."""
        self._run("add_point", x, y, color, shape, note)

    def clear_points(self) -> None:
        """Remove all points of the caller."""
        self._run("clear_points")

    def add_many(self, *, count: int) -> None:
        """Put many points on the board."""
        self._run("add_many", count)

    def fail(self) -> None:
        """End with an error that nobody meant."""
        self._run("fail")

    def move_point(self, *, id: int, x: float) -> None:
        """Change where a point is."""
        self._run("move_point", id, x)

    def ping(self, *, tags: list[str]) -> None:
        """Tell everybody that the caller is there."""
        self._run("ping", tags)

    def tally(self, *, name: str, count: int) -> None:
        """Note a number."""
        self._run("tally", name, count)


class Procedures(client.Procedures):
    """The module has no procedures."""


class SyncProcedures(client.SyncProcedures):
    """The module has no procedures."""

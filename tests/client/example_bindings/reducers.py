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


class SyncReducers(client.SyncReducers):
    """The same calls, waiting for the answer."""

    def add_point(self, *, x: float, y: float, color: Color, shape: Shape, note: str | None) -> None:
        """Put a point on the board."""
        self._run("add_point", x, y, color, shape, note)

    def clear_points(self) -> None:
        """Remove all points of the caller."""
        self._run("clear_points")


class Procedures(client.Procedures):
    """The module has no procedures."""


class SyncProcedures(client.SyncProcedures):
    """The module has no procedures."""

# ruff: noqa: A002  # columns have the names they have
"""The tables: what the cache holds (`conn.db`) and what queries ask for (`tables`)."""

from collections.abc import Callable
from typing import TypeAlias

from stdbctl.client import (
    UNSET,
    Column,
    Columns,
    Condition,
    EventContext,
    EventTableHandle,
    Identity,
    KeyedTableHandle,
    Range,
    TableHandle,
    TableQuery,
    Tables,
    Timestamp,
    Unset,
)

from .reducers import Reducers
from .remote import PING, POINT, TALLY
from .types import Color, Ping, Point, Shape, Tally

Context: TypeAlias = "EventContext[Db, Reducers]"


class PointHandle(KeyedTableHandle[Point, Context]):
    """Rows of `point`."""

    def find(self, *, id: int) -> Point | None:
        """The row with this key."""
        return self._find(id=id)

    def filter(
        self,
        *,
        id: int | Range[int] | Unset = UNSET,
        owner: Identity | Range[Identity] | Unset = UNSET,
        x: float | Range[float] | Unset = UNSET,
        y: float | Range[float] | Unset = UNSET,
        color: Color | Unset = UNSET,
        shape: Shape | Unset = UNSET,
        note: str | Unset | None = UNSET,
    ) -> list[Point]:
        """The rows with these values."""
        return self._filter(id=id, owner=owner, x=x, y=y, color=color, shape=shape, note=note)


class PingHandle(EventTableHandle[Ping, Context]):
    """Rows of `ping`."""


class TallyHandle(TableHandle[Tally, Context]):
    """Rows of `tally`."""

    def filter(self, *, name: str | Range[str] | Unset = UNSET, count: int | Range[int] | Unset = UNSET) -> list[Tally]:
        """The rows with these values."""
        return self._filter(name=name, count=count)


class Db:
    """The tables of the module."""

    def __init__(self, tables: Tables) -> None:
        self.point = PointHandle(tables, POINT)
        self.ping = PingHandle(tables, PING)
        self.tally = TallyHandle(tables, TALLY)


class PointColumns(Columns):
    """The columns of `point` that SQL can compare."""

    id: Column[int]
    owner: Column[Identity]
    x: Column[float]
    y: Column[float]


class PointQuery(TableQuery[Point, PointColumns]):
    """Queries of `point`."""

    def where(
        self,
        condition: Condition | Callable[[PointColumns], Condition] | None = None,
        /,
        *,
        id: int | Unset = UNSET,
        owner: Identity | Unset = UNSET,
        x: float | Unset = UNSET,
        y: float | Unset = UNSET,
    ) -> "PointQuery":
        """Only rows that satisfy the condition and have these values."""
        return self._where(condition, id=id, owner=owner, x=x, y=y)


class PingColumns(Columns):
    """The columns of `ping` that SQL can compare."""

    sender: Column[Identity]
    at: Column[Timestamp]


class PingQuery(TableQuery[Ping, PingColumns]):
    """Queries of `ping`."""

    def where(
        self,
        condition: Condition | Callable[[PingColumns], Condition] | None = None,
        /,
        *,
        sender: Identity | Unset = UNSET,
        at: Timestamp | Unset = UNSET,
    ) -> "PingQuery":
        """Only rows that satisfy the condition and have these values."""
        return self._where(condition, sender=sender, at=at)


class TallyColumns(Columns):
    """The columns of `tally` that SQL can compare."""

    name: Column[str]
    count: Column[int]


class TallyQuery(TableQuery[Tally, TallyColumns]):
    """Queries of `tally`."""

    def where(
        self,
        condition: Condition | Callable[[TallyColumns], Condition] | None = None,
        /,
        *,
        name: str | Unset = UNSET,
        count: int | Unset = UNSET,
    ) -> "TallyQuery":
        """Only rows that satisfy the condition and have these values."""
        return self._where(condition, name=name, count=count)


class Queries:
    """One query per table, to be narrowed by `where`."""

    def __init__(self) -> None:
        self.point = PointQuery(POINT, PointColumns)
        self.ping = PingQuery(PING, PingColumns)
        self.tally = TallyQuery(TALLY, TallyColumns)


tables = Queries()

"""Tables reached by way of aliases, helpers, parameters, loops and other files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stdbctl.module import Database, ReducerContext, Table, reducer

from . import tables
from .tables import Point
from .tables import Point as Dot

if TYPE_CHECKING:
    from .tables import Player

Alias = Point


def points_of(ctx: ReducerContext) -> Table[Point]:
    return ctx.db[Point]


def in_table(points: Table[Point]) -> None:
    points.find(idd=1)


def in_text(players: "Table[Player]") -> None:
    players.find(idd=1)


def in_database(db: Database) -> None:
    db[Point].find(idd=2)


class Helper:
    def use(self, ctx: ReducerContext) -> None:
        ctx.db[Point].find(idd=3)


@reducer
def wrong(ctx: ReducerContext) -> None:
    ctx.db[Alias].find(idd=4)
    ctx.db[Dot].find(idd=5)
    ctx.db[tables.Point].find(idd=6)
    points_of(ctx).find(idd=7)
    db = ctx.db
    points = db[Point]
    points.find(idd=8)
    again = points
    again.find(idd=9)
    [point for point in ctx.db[Point].filter(idd=10)]
    late = lambda: points.find(idd=11)  # noqa: E731
    late()
    if (found := ctx.db[Point].find(id=1)) is not None:
        points.find(id=found.name)

    def inner() -> None:
        points.find(idd=12)

    inner()
    from .tables import Player

    ctx.db[Player].find(idd=13)
    for row in sorted(points, key=lambda point: point.id):
        points.find(id=row.name)
    match ctx.db[Point].find(idd=14):
        case None:
            pass
        case found:
            print(found)

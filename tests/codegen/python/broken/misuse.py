"""What type checkers must refuse in code that uses generated bindings: every line that ends in `# wrong`."""

from typing import assert_never

from stdbctl.client import Some, between
from tests.codegen.python.expected import every_type, names
from tests.codegen.python.expected.every_type import Color, Point, Shape
from tests.codegen.python.expected.every_type.types import Circle


def a_match_that_forgets_variants(shape: Shape) -> float:
    match shape:
        case Circle(radius):
            return radius
        case _:
            assert_never(shape)  # wrong


def a_match_that_forgets_members(color: Color) -> int:
    match color:
        case Color.Red | Color.Green:
            return 1
        case _:
            assert_never(color)  # wrong


def a_row_that_is_changed(point: Point) -> None:
    point.x = 1.0  # wrong


def rows_that_are_made_wrongly() -> None:
    Point(1.0, 2.0)  # wrong
    Point(x=1.0)  # wrong
    Point(x=1.0, y="2")  # wrong
    Point(x=1.0, y=2.0, z=3.0)  # wrong


async def calls(connection: every_type.DbConnection) -> None:
    connection.reducers.take_evn(same=Some(1))  # wrong
    connection.reducers.take_even(same=1)  # wrong
    connection.reducers.take_even()  # wrong
    await connection.procedures.give_row(shape=Color.Red)  # wrong


def tables(connection: names.DbConnection) -> None:
    players = connection.db.http_player
    connection.db.http_plyer  # wrong
    players.find(rank=1)  # wrong
    players.find(team=1)  # wrong
    players.filter(team="1")  # wrong
    players.filter(http_name=between(1, 2))  # wrong
    players.filter(rank=between(1, 2))  # wrong
    connection.db.function.on_update(lambda ctx, old, new: None)  # wrong
    connection.db.then.find(name="x")  # wrong


def queries() -> None:
    names.tables.http_player.where(http_name=1)  # wrong
    names.tables.http_player.where(rank=1)  # wrong
    names.tables.http_player.where(lambda player: player.rank == 1)  # wrong
    names.tables.http_player.where(lambda player: player.team > "1")  # wrong

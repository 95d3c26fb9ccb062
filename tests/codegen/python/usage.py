"""How the bindings of two cases are used: every line passes both checkers, and each type is the one that is promised.

It is only read by type checkers, never run; `broken/misuse.py` has what they must refuse.
"""

from collections.abc import Iterator
from typing import assert_never, assert_type

from stdbctl.client import Call, Err, Ok, between
from tests.codegen.python.expected import every_type, names
from tests.codegen.python.expected.every_type import Color, Everything, Point, Shape, Tree
from tests.codegen.python.expected.every_type.types import At, Circle, Group, Label, Nothing
from tests.codegen.python.expected.names import HTTPPlayer


def match_every_variant(shape: Shape) -> float | str | int:
    match shape:
        case Circle(radius):
            return assert_type(radius, float)
        case Label(text):
            return assert_type(text, str)
        case Group(members):
            return sum(match_every_variant(member) == 0 for member in members)
        case At(point):
            return assert_type(point, Point).x
        case Nothing():
            return 0
        case _:
            assert_never(shape)


def match_every_member(color: Color) -> int:
    match color:
        case Color.Red:
            return 1
        case Color.Green | Color.LightBlue:
            return 2
        case _:
            assert_never(color)


def match_a_result(row: Everything) -> int | str:
    match row.outcome:
        case Ok(value):
            return assert_type(value, int)
        case Err(text):
            return assert_type(text, str)


def make(tree: Tree) -> Tree:
    return Tree(value=1, children=[tree], parent_color=None, outcome=Ok(None))


async def call(connection: every_type.DbConnection) -> None:
    assert_type(connection.reducers.take_even(same=Ok(1)), Call[None])
    assert_type(await connection.procedures.give_row(shape=Circle(1.5)), Everything)
    assert_type(await connection.procedures.give_maybe(), Tree | None)


def read(connection: names.DbConnection) -> Iterator[HTTPPlayer]:
    players = connection.db.http_player
    assert_type(players.find(player_id=1), HTTPPlayer | None)
    assert_type(players.find(http_name="a"), HTTPPlayer | None)
    assert_type(players.find(team=1, number=2), HTTPPlayer | None)
    assert_type(players.filter(team=1, one_u8=between(1, 5)), list[HTTPPlayer])
    players.on_update(lambda ctx, old, new: (ctx.db.http_player, old.vec2d, new.vec2d))
    connection.db.then.on_insert(lambda ctx, row: row.class_)
    yield from players


async def subscribe(connection: names.DbConnection) -> None:
    players = names.tables.http_player
    await connection.subscribe(players.where(http_name="a", team=3))
    await connection.subscribe(players.where(lambda p: (p.vec2d > 0.5) & ~(p.http_name == "x")).where(number=1))


def wait(connection: names.SyncDbConnection) -> None:
    assert_type(connection.reducers.http_req(id=1), None)
    assert_type(connection.db.http_player.find(player_id=1), HTTPPlayer | None)


def ask() -> str:
    narrowed = every_type.tables.everything.where(a_string="x", a_bool=True)
    return narrowed.where(lambda e: (e.a_u64 >= 2**63) | (e.bytes_ == b"")).sql()

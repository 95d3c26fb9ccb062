"""Everything that a module can declare, in one package."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import game.shapes
from stdbctl.module import (
    InvalidValue,
    NotIndexed,
    ReducerContext,
    ReducerError,
    UniqueViolation,
    at_least,
    between,
    client_connected,
    client_disconnected,
    init,
    reducer,
    u8,
    u64,
)

from . import rules
from .shapes import Fruit, Nothing, Shape, Spot
from .tables import Archive, Edge, Item, Player, Widths

if TYPE_CHECKING:
    from stdbctl.module import f32

    from .shapes import Node

log = logging.getLogger(__name__)


@init
def setup(ctx: ReducerContext) -> None:
    log.info("made at %s", ctx.timestamp)


@client_connected
def came(ctx: ReducerContext) -> None:
    print("came", ctx.connection_id)


@client_disconnected
def went(ctx: ReducerContext) -> None:
    logging.warning("went")


@reducer
def add_item(ctx: ReducerContext, label: str, spot: Spot, tags: list[str], fruit: Fruit | None) -> None:
    """Put down one item."""
    item = ctx.db[Item].insert(Item(label=label, spot=spot, tags=tags, fruit=fruit, owner=ctx.sender))
    assert item.id > 0
    assert item.spot is not spot
    assert rules.is_allowed(label)


@reducer
def draw(ctx: ReducerContext, shape: Shape, tree: Node, weight: f32) -> None:
    print(game.shapes.area(shape), tree.depth(), weight, sep=" | ")
    ctx.db[Edge].insert(Edge(shape=shape, tree=tree))
    for edge in ctx.db[Edge]:
        if isinstance(edge.shape, Nothing):
            ctx.db[Edge].delete(edge)


@reducer
def add_player(ctx: ReducerContext, team: u8, number: u64, x: float, level: u8) -> None:
    players = ctx.db[Player]
    try:
        players.insert(Player(team=team, number=number, x=x, level=level))
    except UniqueViolation as error:
        raise ReducerError(f"taken: {error.table}") from error


@reducer
def look(ctx: ReducerContext, team: u8) -> None:
    players = ctx.db[Player]
    log.info("team %s", [p.number for p in players.filter(team=team)])
    log.info("from 2 %s", [p.number for p in players.filter(team=team, number=at_least(2))])
    log.info("levels %s", [p.number for p in players.filter(level=between(1, 2))])
    found = players.find(team=team, number=1)
    log.info("one %s", None if found is None else found.x)
    log.info("all %d %d", players.count(), len(players))
    try:
        players.filter(x=1.0)
    except NotIndexed as error:
        log.error("%s", error)


@reducer
def rename(ctx: ReducerContext, label: str, to: str) -> None:
    item = ctx.db[Item].find(label=label)
    if item is None:
        raise ReducerError(f"no item {label}")
    item.label = to
    again = ctx.db[Item].update(item)
    assert again == item
    assert again is not item
    ctx.db[Archive].insert(item)


@reducer
def wipe(ctx: ReducerContext, label: str) -> None:
    log.info("%d gone", ctx.db[Item].delete(label=label))


@reducer
def check_widths(ctx: ReducerContext) -> None:
    try:
        ctx.db[Widths].insert(Widths(small=256))
    except InvalidValue as error:
        raise ReducerError(str(error)) from None


@reducer(private=True, name="MaintenanceNow")
def maintenance(ctx: ReducerContext) -> None:
    log.debug("%s %s %d", ctx.new_uuid_v4(), ctx.new_uuid_v7(), ctx.random.randrange(10))

"""A small module with something of everything that the command line shows."""

import logging
from typing import Annotated

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Unique,
    client_connected,
    f32,
    index,
    reducer,
    table,
    u8,
    u64,
)


@table(public=True, indexes=[index("owner", "layer", name="by_owner_and_layer")])
class Point:
    """One dot."""

    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    color: str = "#000000"
    owner: Index[Identity]
    layer: Annotated[u8, index(algorithm="hash")] = 0


@table()
class Secret:
    """Nobody's business."""

    name: Unique[str]
    value: bytes
    note: str | None


@client_connected
def joined(ctx: ReducerContext) -> None:
    """Take everybody."""


@reducer
def draw(ctx: ReducerContext, x: f32, y: f32, color: str) -> None:
    """Draw one point."""
    if not color.startswith("#"):
        raise ReducerError("color must look like #RRGGBB")
    logging.info("drew %s", color)
    ctx.db[Point].insert(Point(x=x, y=y, color=color, owner=ctx.sender))


@reducer
def keep(ctx: ReducerContext, name: str, value: bytes, note: str | None) -> None:
    """Keep a secret."""
    ctx.db[Secret].insert(Secret(name=name, value=value, note=note))


@reducer(private=True)
def tidy(ctx: ReducerContext) -> None:
    """Do what only the owner may."""


@reducer
def speak(ctx: ReducerContext, text: str) -> None:
    """Log on three levels."""
    logging.debug("%s softly", text)
    logging.warning("%s aloud", text)
    logging.error("%s shouting", text)


@reducer
def stumble(ctx: ReducerContext) -> None:
    """Fail in a way that the author did not foresee."""
    raise ZeroDivisionError("never divide")

"""An arena: players carry items and throw them about."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from stdbctl.module import (
    AutoInc,
    Identity,
    Index,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    ScheduleAt,
    f32,
    reducer,
    table,
    u8,
    u64,
    union,
)


class Team(Enum):
    """A player's side."""

    RED = 0
    BLUE = 1


@dataclass
class Spot:
    """A place in the arena."""

    x: f32
    y: f32


@dataclass
class Worn:
    """An item on somebody's body."""

    slot: u8


Location = Annotated[Spot | Worn, union("Location")]
"""Where an item is."""


@table(public=True)
class Player:
    """Somebody in the arena."""

    id: PrimaryKey[Identity]
    name: str
    team: Team
    friends: list[str]


@table(public=True)
class Item:
    """A thing that can be carried."""

    id: PrimaryKey[AutoInc[u64]] = 0
    owner: Index[Identity]
    label: str | None
    location: Location


@table()
class Respawn:
    """When the items come back."""

    id: PrimaryKey[AutoInc[u64]] = 0
    scheduled_at: ScheduleAt


@reducer
def join(ctx: ReducerContext, name: str, team: Team, friends: list[str]) -> None:
    """Enter the arena, or change sides."""
    if not name:
        raise ReducerError("a name is needed")
    players, me = ctx.db[Player], Player(id=ctx.sender, name=name, team=team, friends=friends)
    if players.find(id=ctx.sender) is None:
        players.insert(me)
    else:
        players.update(me)


@reducer
def drop(ctx: ReducerContext, label: str | None, location: Location, end: bool) -> None:
    """Put an item somewhere; `end` removes all that the caller dropped before."""
    if end:
        ctx.db[Item].delete(owner=ctx.sender)
    ctx.db[Item].insert(Item(owner=ctx.sender, label=label, location=location))


@reducer(schedule=Respawn)
def respawn(ctx: ReducerContext, due: Respawn) -> None:
    """Bring the items back."""

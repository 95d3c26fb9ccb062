"""A zoo with every type in its rows, two tables that change together, and names that are words of JavaScript."""

import enum
import uuid
from dataclasses import dataclass
from typing import Annotated

from stdbctl.module import (
    ConnectionId,
    Err,
    Identity,
    Ok,
    PrimaryKey,
    ReducerContext,
    ReducerError,
    Result,
    ScheduleAt,
    TimeDuration,
    Timestamp,
    Uuid,
    Variant,
    f32,
    f64,
    i8,
    i128,
    reducer,
    table,
    u8,
    u32,
    u64,
    u256,
    union,
)


class Mood(enum.Enum):
    CALM = enum.auto()
    VERY_HUNGRY = enum.auto()


@dataclass
class Spot:
    x_pos: f64
    seen_at: Timestamp
    by: Identity | None


class Fixed(Variant[Spot]): ...


class Roams(Variant["list[Place]"]): ...


class Unknown(Variant[None]): ...


Place = Annotated[Fixed | Roams | Unknown, union("Place")]


@table(public=True)
class Animal:
    id: PrimaryKey[u32]
    name: str
    is_tame: bool
    legs: u8
    balance: i8
    weight: f32
    age: u64
    debt: i128
    genome: u256
    picture: bytes
    nicknames: list[str]
    mother: u32 | None
    mood: Mood
    place: Place
    spots: list[Spot]
    keeper: Identity
    seen_through: ConnectionId
    born: Timestamp
    sleeps: TimeDuration
    chip: Uuid
    fed: ScheduleAt
    last_check: Result[u32, str]


@table(public=True)
class Tag:
    """No primary key: a row is its values."""

    animal: u32
    text: str


@table(public=True, event=True)
class Noise:
    animal: u32
    volume: f32


@table()
class Secret:
    id: PrimaryKey[u32]


@reducer
def keep(
    ctx: ReducerContext,
    animal_id: u32,
    name: str,
    age: u64,
    debt: i128,
    genome: u256,
    picture: bytes,
    nicknames: list[str],
    mother: u32 | None,
    mood: Mood,
    place: Place,
    spots: list[Spot],
    keeper: Identity,
    seen_through: ConnectionId,
    born: Timestamp,
    sleeps: TimeDuration,
    chip: Uuid,
    fed: ScheduleAt,
) -> None:
    """Take an animal in, with a tag."""
    ctx.db[Animal].insert(
        Animal(
            id=animal_id,
            name=name,
            is_tame=False,
            legs=4,
            balance=-1,
            weight=1.5,
            age=age,
            debt=debt,
            genome=genome,
            picture=picture,
            nicknames=nicknames,
            mother=mother,
            mood=mood,
            place=place,
            spots=spots,
            keeper=keeper,
            seen_through=seen_through,
            born=born,
            sleeps=sleeps,
            chip=chip,
            fed=fed,
            last_check=Ok(7) if age else Err("never"),
        )
    )
    ctx.db[Tag].insert(Tag(animal=animal_id, text=name))


@reducer
def adopt(ctx: ReducerContext, animal_id: u32, name: str) -> None:
    """Take in an animal that nothing is known of."""
    ctx.db[Animal].insert(
        Animal(
            id=animal_id,
            name=name,
            is_tame=True,
            legs=2,
            balance=0,
            weight=0.0,
            age=0,
            debt=0,
            genome=0,
            picture=b"",
            nicknames=[],
            mother=7,
            mood=Mood.CALM,
            place=Unknown(),
            spots=[],
            keeper=ctx.sender,
            seen_through=ConnectionId.from_hex("00" * 16),
            born=ctx.timestamp,
            sleeps=TimeDuration.seconds(1),
            chip=Uuid(uuid.UUID(int=0)),
            fed=ScheduleAt.at(ctx.timestamp),
            last_check=Err("never"),
        )
    )


@reducer
def rename(ctx: ReducerContext, animal_id: u32, name: str) -> None:
    found = ctx.db[Animal].find(id=animal_id)
    if found is None:
        raise ReducerError(f"no animal {animal_id}")
    found.name = name
    ctx.db[Animal].update(found)


@reducer
def roar(ctx: ReducerContext, animal_id: u32, volume: f32) -> None:
    ctx.db[Noise].insert(Noise(animal=animal_id, volume=volume))


@reducer
def delete(ctx: ReducerContext, function: u32) -> None:
    """Let an animal go; its tag stays on the wall."""
    ctx.db[Animal].delete(id=function)


@reducer
def stumble(ctx: ReducerContext) -> None:
    raise RuntimeError("a bug in the module")

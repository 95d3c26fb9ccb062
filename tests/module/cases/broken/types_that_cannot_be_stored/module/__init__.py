import datetime
import decimal
import enum
import uuid
from dataclasses import dataclass
from typing import Any

from stdbctl.module import Index, PrimaryKey, ReducerContext, Variant, f32, reducer, table, u8, u64


class Plain:
    x: int


class Fruit(enum.Enum):
    APPLE = 1
    PEAR = 2
    QUINCE = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Circle(Variant[f32]): ...


class Square(Variant[f32]): ...


@dataclass
class Spot:
    where: tuple[f32, f32]
    when: datetime.datetime


@table()
class Thing:
    id: PrimaryKey[u64]
    raw: list[u8]
    tags: dict[str, str]
    names: set[str]
    at: datetime.datetime
    uid: uuid.UUID
    price: decimal.Decimal
    anything: Any
    plain: Plain
    either: int | str
    shape: Circle | Square
    circle: Circle
    fruit: Fruit
    access: Access
    spot: Spot
    again: Spot
    items: list
    inner: list[Index[u64]]


@reducer
def add(ctx: ReducerContext, when: datetime.datetime, raw: list[u8], key: PrimaryKey[u64]) -> None: ...

"""Types of the standard library that are no column types, each with what to write instead."""

import datetime as dt
import uuid
from collections import deque, OrderedDict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from stdbctl.module import Index, PrimaryKey, table, u64


class Pair(NamedTuple):
    x: int
    y: int


class Shape(TypedDict):
    x: int


class Plain:
    x: int


@table()
class Player:
    id: PrimaryKey[u64]
    joined: datetime
    born: date
    seen: dt.datetime
    wait: timedelta | None
    token: uuid.UUID
    price: Index[Decimal]
    extra: Any
    inventory: dict[str, int]
    friends: set[str]
    spot: tuple[int, int]
    way: list[tuple[int, int]]
    queue: deque[int]
    order: OrderedDict[str, int]
    file: Path
    pair: Pair
    shape: Shape
    plain: Plain
    z: complex
    self_made: type

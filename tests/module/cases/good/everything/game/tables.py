"""The tables."""

from dataclasses import field
from typing import Annotated, ClassVar, Optional, TypeAlias

from stdbctl.module import (
    AutoInc,
    ConnectionId,
    Err,
    Identity,
    Index,
    Ok,
    Option,
    PrimaryKey,
    Result,
    Some,
    TimeDuration,
    Timestamp,
    Unique,
    Uuid,
    column,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    i256,
    index,
    table,
    table_of,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
)

from .shapes import Fruit, Node, Shape, Spot

Label: TypeAlias = Annotated[str, "shown to people"]


class Describable:
    """A plain mixin."""

    label: str

    def describe(self) -> str:
        return f"<{self.label}>"


@table(public=True)
class Item(Describable):
    """A thing on the board."""

    id: PrimaryKey[AutoInc[u64]] = 0
    label: Unique[Label]
    """Its name."""
    spot: Spot = Spot(x=1.5)
    tags: list[str] = field(default_factory=lambda: ["new"])
    fruit: Optional[Fruit] = None  # noqa: UP045  # the older spelling must work too
    owner: Index[Identity]
    LIMIT: ClassVar[int] = 10


Archive = table_of(Item, name="archive")


@table(
    name="Player2",
    indexes=[index("team", "number", name="by_team"), index("level", algorithm="btree")],
    unique=[("team", "number")],
)
class Player:
    team: u8
    number: u64
    x: f64
    level: Annotated[u8, index(algorithm="hash")]
    raw: Annotated[str, column(name="RawText")] = ""


@table(event=True)
class Edge:
    shape: Shape
    tree: Node


@table()
class Widths:
    small: u8 = 255
    a: u16 = 0
    b: u32 = 0
    c: u64 = 0
    d: u128 = 0
    e: u256 = 0
    f: i8 = -128
    g: i16 = 0
    h: i32 = 0
    i: i64 = 0
    j: i128 = 0
    k: i256 = 0
    ll: f32 = 0.1
    m: f64 = 0.1
    n: bool = True
    o: str = "text"
    p: bytes = b"\x00\xff"
    q: list[u8 | None] = field(default_factory=lambda: [1, None])
    r: Option[Option[u8]] = Some(None)
    s: Option[u8] = Some(7)
    t: Result[u8, str] = Ok(1)
    u: Result[u8, None] = Err(None)
    v: Identity = Identity.zero()
    w: ConnectionId = ConnectionId.zero()
    x: Timestamp = Timestamp.from_micros(1)
    y: TimeDuration = TimeDuration.seconds(1.5)
    z: Uuid = Uuid.from_int(1)
    aa: int = -1
    bb: float = 1.0
    cc: None = None

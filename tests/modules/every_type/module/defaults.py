"""Every type as a column with a default. Written by `generate.py`."""

from dataclasses import field

from stdbctl.module import (
    ConnectionId,
    Err,
    Identity,
    Option,
    PrimaryKey,
    ReducerContext,
    Result,
    ScheduleAt,
    Some,
    TimeDuration,
    Timestamp,
    Uuid,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    i256,
    reducer,
    table,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
)

from .holders import AnyNestedOption, Anything, Everything
from .kinds import TWO_TREES, Blank, Circle, Group, Mood, Node, Nothing, Pair, Shape, Spot, Tree


@table(public=True)
class Defaults:
    n: PrimaryKey[u32]
    a_bool: bool = True
    a_u8: u8 = 255
    a_u16: u16 = 2**16 - 1
    a_u32: u32 = 2**32 - 1
    a_u64: u64 = 2**64 - 1
    a_u128: u128 = 2**128 - 1
    a_u256: u256 = 2**256 - 1
    a_i8: i8 = -(2**7)
    a_i16: i16 = -(2**15)
    a_i32: i32 = -(2**31)
    a_i64: i64 = -(2**63)
    a_i128: i128 = -(2**127)
    a_i256: i256 = -(2**255)
    a_f32: f32 = 0.1
    a_f64: f64 = -0.0
    a_text: str = "né\0 🎈"
    a_data: bytes = field(default_factory=lambda: b"\x00\xff")
    a_identity: Identity = Identity.from_int(7)
    a_connection: ConnectionId = ConnectionId.from_int(7)
    a_timestamp: Timestamp = Timestamp.from_micros(-1)
    a_duration: TimeDuration = field(default_factory=lambda: TimeDuration.seconds(1.5))
    a_uuid: Uuid = Uuid.parse("01888d6e-5c00-7000-8000-000000000000")
    a_schedule: ScheduleAt = field(default_factory=lambda: ScheduleAt.every(TimeDuration.seconds(1)))
    a_unit: None = field(default_factory=lambda: None)
    a_mood: Mood = Mood.VERY_HUNGRY
    a_spot: Spot = field(default_factory=lambda: Spot(x=1.5, y=-2.0))
    a_blank: Blank = field(default_factory=lambda: Blank())
    a_shape: Shape = field(default_factory=lambda: Group([Circle(1.5), Nothing()]))
    a_tree: Tree = field(default_factory=lambda: Pair(TWO_TREES))
    a_node: Node = field(
        default_factory=lambda: Node(name="root", children=[Node(name="", children=[], twin=None)], twin=None)
    )
    a_outcome: Result[str, str] = field(default_factory=lambda: Err("no"))
    a_uneven: Result[u32, list[Mood]] = field(default_factory=lambda: Err([Mood.VERY_HUNGRY]))
    a_nested_option: Option[Option[u8]] = field(default_factory=lambda: Some(None))
    a_nested_list: list[list[str]] = field(default_factory=lambda: [[], ["a", ""]])
    a_everything: Everything = field(default_factory=lambda: Everything())
    a_anything: Anything = field(default_factory=lambda: AnyNestedOption(Some(None)))


@reducer
def insert_defaults(ctx: ReducerContext, n: u32) -> None:
    ctx.db[Defaults].insert(Defaults(n=n))

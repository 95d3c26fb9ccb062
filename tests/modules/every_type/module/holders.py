"""What holds every type. Written by `generate.py`."""

from dataclasses import dataclass, field
from typing import Annotated

from stdbctl.module import (
    ConnectionId,
    Err,
    Identity,
    Option,
    Result,
    ScheduleAt,
    Some,
    TimeDuration,
    Timestamp,
    Uuid,
    Variant,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    i128,
    i256,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
    union,
)

from .kinds import TWO_TREES, Blank, Circle, Group, Mood, Node, Nothing, Pair, Shape, Spot, Tree


@dataclass
class Everything:
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


class AnyBool(Variant[bool]): ...


class AnyU8(Variant[u8]): ...


class AnyU16(Variant[u16]): ...


class AnyU32(Variant[u32]): ...


class AnyU64(Variant[u64]): ...


class AnyU128(Variant[u128]): ...


class AnyU256(Variant[u256]): ...


class AnyI8(Variant[i8]): ...


class AnyI16(Variant[i16]): ...


class AnyI32(Variant[i32]): ...


class AnyI64(Variant[i64]): ...


class AnyI128(Variant[i128]): ...


class AnyI256(Variant[i256]): ...


class AnyF32(Variant[f32]): ...


class AnyF64(Variant[f64]): ...


class AnyText(Variant[str]): ...


class AnyData(Variant[bytes]): ...


class AnyIdentity(Variant[Identity]): ...


class AnyConnection(Variant[ConnectionId]): ...


class AnyTimestamp(Variant[Timestamp]): ...


class AnyDuration(Variant[TimeDuration]): ...


class AnyUuid(Variant[Uuid]): ...


class AnySchedule(Variant[ScheduleAt]): ...


class AnyUnit(Variant[None]): ...


class AnyMood(Variant[Mood]): ...


class AnySpot(Variant[Spot]): ...


class AnyBlank(Variant[Blank]): ...


class AnyShape(Variant[Shape]): ...


class AnyTree(Variant[Tree]): ...


class AnyNode(Variant[Node]): ...


class AnyOutcome(Variant[Result[str, str]]): ...


class AnyUneven(Variant[Result[u32, list[Mood]]]): ...


class AnyNestedOption(Variant[Option[Option[u8]]]): ...


class AnyNestedList(Variant[list[list[str]]]): ...


class AnyRecord(Variant[Everything]): ...


class AnyOption(Variant["Option[Anything]"]): ...


class AnyList(Variant["list[Anything]"]): ...


Anything = Annotated[
    AnyBool
    | AnyU8
    | AnyU16
    | AnyU32
    | AnyU64
    | AnyU128
    | AnyU256
    | AnyI8
    | AnyI16
    | AnyI32
    | AnyI64
    | AnyI128
    | AnyI256
    | AnyF32
    | AnyF64
    | AnyText
    | AnyData
    | AnyIdentity
    | AnyConnection
    | AnyTimestamp
    | AnyDuration
    | AnyUuid
    | AnySchedule
    | AnyUnit
    | AnyMood
    | AnySpot
    | AnyBlank
    | AnyShape
    | AnyTree
    | AnyNode
    | AnyOutcome
    | AnyUneven
    | AnyNestedOption
    | AnyNestedList
    | AnyRecord
    | AnyOption
    | AnyList,
    union("Anything"),
]

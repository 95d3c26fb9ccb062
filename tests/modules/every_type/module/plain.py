"""Every type as a column, in an option and in a list. Written by `generate.py`."""

from stdbctl.module import (
    ConnectionId,
    Identity,
    Index,
    Option,
    PrimaryKey,
    ReducerContext,
    Result,
    ScheduleAt,
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

from .holders import Anything, Everything
from .kinds import Blank, Mood, Node, Shape, Spot, Tree


@table(public=True)
class PlainBool:
    n: PrimaryKey[u32]
    value: Index[bool]
    maybe: bool | None
    several: list[bool]


@reducer
def insert_plain_bool(ctx: ReducerContext, n: u32, value: bool, maybe: bool | None, several: list[bool]) -> None:
    ctx.db[PlainBool].insert(PlainBool(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_bool(ctx: ReducerContext, n: u32, value: bool, maybe: bool | None, several: list[bool]) -> None:
    ctx.db[PlainBool].update(PlainBool(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_bool(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainBool].delete(n=n)


@table(public=True)
class PlainU8:
    n: PrimaryKey[u32]
    value: Index[u8]
    maybe: u8 | None
    several: bytes


@reducer
def insert_plain_u8(ctx: ReducerContext, n: u32, value: u8, maybe: u8 | None, several: bytes) -> None:
    ctx.db[PlainU8].insert(PlainU8(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u8(ctx: ReducerContext, n: u32, value: u8, maybe: u8 | None, several: bytes) -> None:
    ctx.db[PlainU8].update(PlainU8(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u8(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU8].delete(n=n)


@table(public=True)
class PlainU16:
    n: PrimaryKey[u32]
    value: Index[u16]
    maybe: u16 | None
    several: list[u16]


@reducer
def insert_plain_u16(ctx: ReducerContext, n: u32, value: u16, maybe: u16 | None, several: list[u16]) -> None:
    ctx.db[PlainU16].insert(PlainU16(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u16(ctx: ReducerContext, n: u32, value: u16, maybe: u16 | None, several: list[u16]) -> None:
    ctx.db[PlainU16].update(PlainU16(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u16(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU16].delete(n=n)


@table(public=True)
class PlainU32:
    n: PrimaryKey[u32]
    value: Index[u32]
    maybe: u32 | None
    several: list[u32]


@reducer
def insert_plain_u32(ctx: ReducerContext, n: u32, value: u32, maybe: u32 | None, several: list[u32]) -> None:
    ctx.db[PlainU32].insert(PlainU32(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u32(ctx: ReducerContext, n: u32, value: u32, maybe: u32 | None, several: list[u32]) -> None:
    ctx.db[PlainU32].update(PlainU32(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u32(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU32].delete(n=n)


@table(public=True)
class PlainU64:
    n: PrimaryKey[u32]
    value: Index[u64]
    maybe: u64 | None
    several: list[u64]


@reducer
def insert_plain_u64(ctx: ReducerContext, n: u32, value: u64, maybe: u64 | None, several: list[u64]) -> None:
    ctx.db[PlainU64].insert(PlainU64(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u64(ctx: ReducerContext, n: u32, value: u64, maybe: u64 | None, several: list[u64]) -> None:
    ctx.db[PlainU64].update(PlainU64(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u64(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU64].delete(n=n)


@table(public=True)
class PlainU128:
    n: PrimaryKey[u32]
    value: Index[u128]
    maybe: u128 | None
    several: list[u128]


@reducer
def insert_plain_u128(ctx: ReducerContext, n: u32, value: u128, maybe: u128 | None, several: list[u128]) -> None:
    ctx.db[PlainU128].insert(PlainU128(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u128(ctx: ReducerContext, n: u32, value: u128, maybe: u128 | None, several: list[u128]) -> None:
    ctx.db[PlainU128].update(PlainU128(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u128(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU128].delete(n=n)


@table(public=True)
class PlainU256:
    n: PrimaryKey[u32]
    value: Index[u256]
    maybe: u256 | None
    several: list[u256]


@reducer
def insert_plain_u256(ctx: ReducerContext, n: u32, value: u256, maybe: u256 | None, several: list[u256]) -> None:
    ctx.db[PlainU256].insert(PlainU256(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_u256(ctx: ReducerContext, n: u32, value: u256, maybe: u256 | None, several: list[u256]) -> None:
    ctx.db[PlainU256].update(PlainU256(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_u256(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainU256].delete(n=n)


@table(public=True)
class PlainI8:
    n: PrimaryKey[u32]
    value: Index[i8]
    maybe: i8 | None
    several: list[i8]


@reducer
def insert_plain_i8(ctx: ReducerContext, n: u32, value: i8, maybe: i8 | None, several: list[i8]) -> None:
    ctx.db[PlainI8].insert(PlainI8(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i8(ctx: ReducerContext, n: u32, value: i8, maybe: i8 | None, several: list[i8]) -> None:
    ctx.db[PlainI8].update(PlainI8(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i8(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI8].delete(n=n)


@table(public=True)
class PlainI16:
    n: PrimaryKey[u32]
    value: Index[i16]
    maybe: i16 | None
    several: list[i16]


@reducer
def insert_plain_i16(ctx: ReducerContext, n: u32, value: i16, maybe: i16 | None, several: list[i16]) -> None:
    ctx.db[PlainI16].insert(PlainI16(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i16(ctx: ReducerContext, n: u32, value: i16, maybe: i16 | None, several: list[i16]) -> None:
    ctx.db[PlainI16].update(PlainI16(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i16(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI16].delete(n=n)


@table(public=True)
class PlainI32:
    n: PrimaryKey[u32]
    value: Index[i32]
    maybe: i32 | None
    several: list[i32]


@reducer
def insert_plain_i32(ctx: ReducerContext, n: u32, value: i32, maybe: i32 | None, several: list[i32]) -> None:
    ctx.db[PlainI32].insert(PlainI32(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i32(ctx: ReducerContext, n: u32, value: i32, maybe: i32 | None, several: list[i32]) -> None:
    ctx.db[PlainI32].update(PlainI32(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i32(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI32].delete(n=n)


@table(public=True)
class PlainI64:
    n: PrimaryKey[u32]
    value: Index[i64]
    maybe: i64 | None
    several: list[i64]


@reducer
def insert_plain_i64(ctx: ReducerContext, n: u32, value: i64, maybe: i64 | None, several: list[i64]) -> None:
    ctx.db[PlainI64].insert(PlainI64(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i64(ctx: ReducerContext, n: u32, value: i64, maybe: i64 | None, several: list[i64]) -> None:
    ctx.db[PlainI64].update(PlainI64(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i64(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI64].delete(n=n)


@table(public=True)
class PlainI128:
    n: PrimaryKey[u32]
    value: Index[i128]
    maybe: i128 | None
    several: list[i128]


@reducer
def insert_plain_i128(ctx: ReducerContext, n: u32, value: i128, maybe: i128 | None, several: list[i128]) -> None:
    ctx.db[PlainI128].insert(PlainI128(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i128(ctx: ReducerContext, n: u32, value: i128, maybe: i128 | None, several: list[i128]) -> None:
    ctx.db[PlainI128].update(PlainI128(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i128(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI128].delete(n=n)


@table(public=True)
class PlainI256:
    n: PrimaryKey[u32]
    value: Index[i256]
    maybe: i256 | None
    several: list[i256]


@reducer
def insert_plain_i256(ctx: ReducerContext, n: u32, value: i256, maybe: i256 | None, several: list[i256]) -> None:
    ctx.db[PlainI256].insert(PlainI256(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_i256(ctx: ReducerContext, n: u32, value: i256, maybe: i256 | None, several: list[i256]) -> None:
    ctx.db[PlainI256].update(PlainI256(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_i256(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainI256].delete(n=n)


@table(public=True)
class PlainF32:
    n: PrimaryKey[u32]
    value: Index[f32]
    maybe: f32 | None
    several: list[f32]


@reducer
def insert_plain_f32(ctx: ReducerContext, n: u32, value: f32, maybe: f32 | None, several: list[f32]) -> None:
    ctx.db[PlainF32].insert(PlainF32(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_f32(ctx: ReducerContext, n: u32, value: f32, maybe: f32 | None, several: list[f32]) -> None:
    ctx.db[PlainF32].update(PlainF32(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_f32(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainF32].delete(n=n)


@table(public=True)
class PlainF64:
    n: PrimaryKey[u32]
    value: Index[f64]
    maybe: f64 | None
    several: list[f64]


@reducer
def insert_plain_f64(ctx: ReducerContext, n: u32, value: f64, maybe: f64 | None, several: list[f64]) -> None:
    ctx.db[PlainF64].insert(PlainF64(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_f64(ctx: ReducerContext, n: u32, value: f64, maybe: f64 | None, several: list[f64]) -> None:
    ctx.db[PlainF64].update(PlainF64(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_f64(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainF64].delete(n=n)


@table(public=True)
class PlainText:
    n: PrimaryKey[u32]
    value: Index[str]
    maybe: str | None
    several: list[str]


@reducer
def insert_plain_text(ctx: ReducerContext, n: u32, value: str, maybe: str | None, several: list[str]) -> None:
    ctx.db[PlainText].insert(PlainText(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_text(ctx: ReducerContext, n: u32, value: str, maybe: str | None, several: list[str]) -> None:
    ctx.db[PlainText].update(PlainText(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_text(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainText].delete(n=n)


@table(public=True)
class PlainData:
    n: PrimaryKey[u32]
    value: bytes
    maybe: bytes | None
    several: list[bytes]


@reducer
def insert_plain_data(ctx: ReducerContext, n: u32, value: bytes, maybe: bytes | None, several: list[bytes]) -> None:
    ctx.db[PlainData].insert(PlainData(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_data(ctx: ReducerContext, n: u32, value: bytes, maybe: bytes | None, several: list[bytes]) -> None:
    ctx.db[PlainData].update(PlainData(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_data(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainData].delete(n=n)


@table(public=True)
class PlainIdentity:
    n: PrimaryKey[u32]
    value: Index[Identity]
    maybe: Identity | None
    several: list[Identity]


@reducer
def insert_plain_identity(
    ctx: ReducerContext, n: u32, value: Identity, maybe: Identity | None, several: list[Identity]
) -> None:
    ctx.db[PlainIdentity].insert(PlainIdentity(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_identity(
    ctx: ReducerContext, n: u32, value: Identity, maybe: Identity | None, several: list[Identity]
) -> None:
    ctx.db[PlainIdentity].update(PlainIdentity(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_identity(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainIdentity].delete(n=n)


@table(public=True)
class PlainConnection:
    n: PrimaryKey[u32]
    value: Index[ConnectionId]
    maybe: ConnectionId | None
    several: list[ConnectionId]


@reducer
def insert_plain_connection(
    ctx: ReducerContext, n: u32, value: ConnectionId, maybe: ConnectionId | None, several: list[ConnectionId]
) -> None:
    ctx.db[PlainConnection].insert(PlainConnection(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_connection(
    ctx: ReducerContext, n: u32, value: ConnectionId, maybe: ConnectionId | None, several: list[ConnectionId]
) -> None:
    ctx.db[PlainConnection].update(PlainConnection(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_connection(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainConnection].delete(n=n)


@table(public=True)
class PlainTimestamp:
    n: PrimaryKey[u32]
    value: Index[Timestamp]
    maybe: Timestamp | None
    several: list[Timestamp]


@reducer
def insert_plain_timestamp(
    ctx: ReducerContext, n: u32, value: Timestamp, maybe: Timestamp | None, several: list[Timestamp]
) -> None:
    ctx.db[PlainTimestamp].insert(PlainTimestamp(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_timestamp(
    ctx: ReducerContext, n: u32, value: Timestamp, maybe: Timestamp | None, several: list[Timestamp]
) -> None:
    ctx.db[PlainTimestamp].update(PlainTimestamp(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_timestamp(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainTimestamp].delete(n=n)


@table(public=True)
class PlainDuration:
    n: PrimaryKey[u32]
    value: TimeDuration
    maybe: TimeDuration | None
    several: list[TimeDuration]


@reducer
def insert_plain_duration(
    ctx: ReducerContext, n: u32, value: TimeDuration, maybe: TimeDuration | None, several: list[TimeDuration]
) -> None:
    ctx.db[PlainDuration].insert(PlainDuration(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_duration(
    ctx: ReducerContext, n: u32, value: TimeDuration, maybe: TimeDuration | None, several: list[TimeDuration]
) -> None:
    ctx.db[PlainDuration].update(PlainDuration(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_duration(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainDuration].delete(n=n)


@table(public=True)
class PlainUuid:
    n: PrimaryKey[u32]
    value: Index[Uuid]
    maybe: Uuid | None
    several: list[Uuid]


@reducer
def insert_plain_uuid(ctx: ReducerContext, n: u32, value: Uuid, maybe: Uuid | None, several: list[Uuid]) -> None:
    ctx.db[PlainUuid].insert(PlainUuid(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_uuid(ctx: ReducerContext, n: u32, value: Uuid, maybe: Uuid | None, several: list[Uuid]) -> None:
    ctx.db[PlainUuid].update(PlainUuid(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_uuid(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainUuid].delete(n=n)


@table(public=True)
class PlainSchedule:
    n: PrimaryKey[u32]
    value: ScheduleAt
    maybe: ScheduleAt | None
    several: list[ScheduleAt]


@reducer
def insert_plain_schedule(
    ctx: ReducerContext, n: u32, value: ScheduleAt, maybe: ScheduleAt | None, several: list[ScheduleAt]
) -> None:
    ctx.db[PlainSchedule].insert(PlainSchedule(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_schedule(
    ctx: ReducerContext, n: u32, value: ScheduleAt, maybe: ScheduleAt | None, several: list[ScheduleAt]
) -> None:
    ctx.db[PlainSchedule].update(PlainSchedule(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_schedule(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainSchedule].delete(n=n)


@table(public=True)
class PlainUnit:
    n: PrimaryKey[u32]
    value: None
    maybe: Option[None]
    several: list[None]


@reducer
def insert_plain_unit(ctx: ReducerContext, n: u32, value: None, maybe: Option[None], several: list[None]) -> None:
    ctx.db[PlainUnit].insert(PlainUnit(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_unit(ctx: ReducerContext, n: u32, value: None, maybe: Option[None], several: list[None]) -> None:
    ctx.db[PlainUnit].update(PlainUnit(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_unit(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainUnit].delete(n=n)


@table(public=True)
class PlainMood:
    n: PrimaryKey[u32]
    value: Index[Mood]
    maybe: Mood | None
    several: list[Mood]


@reducer
def insert_plain_mood(ctx: ReducerContext, n: u32, value: Mood, maybe: Mood | None, several: list[Mood]) -> None:
    ctx.db[PlainMood].insert(PlainMood(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_mood(ctx: ReducerContext, n: u32, value: Mood, maybe: Mood | None, several: list[Mood]) -> None:
    ctx.db[PlainMood].update(PlainMood(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_mood(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainMood].delete(n=n)


@table(public=True)
class PlainSpot:
    n: PrimaryKey[u32]
    value: Spot
    maybe: Spot | None
    several: list[Spot]


@reducer
def insert_plain_spot(ctx: ReducerContext, n: u32, value: Spot, maybe: Spot | None, several: list[Spot]) -> None:
    ctx.db[PlainSpot].insert(PlainSpot(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_spot(ctx: ReducerContext, n: u32, value: Spot, maybe: Spot | None, several: list[Spot]) -> None:
    ctx.db[PlainSpot].update(PlainSpot(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_spot(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainSpot].delete(n=n)


@table(public=True)
class PlainBlank:
    n: PrimaryKey[u32]
    value: Blank
    maybe: Blank | None
    several: list[Blank]


@reducer
def insert_plain_blank(ctx: ReducerContext, n: u32, value: Blank, maybe: Blank | None, several: list[Blank]) -> None:
    ctx.db[PlainBlank].insert(PlainBlank(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_blank(ctx: ReducerContext, n: u32, value: Blank, maybe: Blank | None, several: list[Blank]) -> None:
    ctx.db[PlainBlank].update(PlainBlank(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_blank(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainBlank].delete(n=n)


@table(public=True)
class PlainShape:
    n: PrimaryKey[u32]
    value: Shape
    maybe: Shape | None
    several: list[Shape]


@reducer
def insert_plain_shape(ctx: ReducerContext, n: u32, value: Shape, maybe: Shape | None, several: list[Shape]) -> None:
    ctx.db[PlainShape].insert(PlainShape(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_shape(ctx: ReducerContext, n: u32, value: Shape, maybe: Shape | None, several: list[Shape]) -> None:
    ctx.db[PlainShape].update(PlainShape(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_shape(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainShape].delete(n=n)


@table(public=True)
class PlainTree:
    n: PrimaryKey[u32]
    value: Tree
    maybe: Tree | None
    several: list[Tree]


@reducer
def insert_plain_tree(ctx: ReducerContext, n: u32, value: Tree, maybe: Tree | None, several: list[Tree]) -> None:
    ctx.db[PlainTree].insert(PlainTree(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_tree(ctx: ReducerContext, n: u32, value: Tree, maybe: Tree | None, several: list[Tree]) -> None:
    ctx.db[PlainTree].update(PlainTree(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_tree(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainTree].delete(n=n)


@table(public=True)
class PlainNode:
    n: PrimaryKey[u32]
    value: Node
    maybe: Node | None
    several: list[Node]


@reducer
def insert_plain_node(ctx: ReducerContext, n: u32, value: Node, maybe: Node | None, several: list[Node]) -> None:
    ctx.db[PlainNode].insert(PlainNode(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_node(ctx: ReducerContext, n: u32, value: Node, maybe: Node | None, several: list[Node]) -> None:
    ctx.db[PlainNode].update(PlainNode(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_node(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainNode].delete(n=n)


@table(public=True)
class PlainOutcome:
    n: PrimaryKey[u32]
    value: Result[str, str]
    maybe: Result[str, str] | None
    several: list[Result[str, str]]


@reducer
def insert_plain_outcome(
    ctx: ReducerContext,
    n: u32,
    value: Result[str, str],
    maybe: Result[str, str] | None,
    several: list[Result[str, str]],
) -> None:
    ctx.db[PlainOutcome].insert(PlainOutcome(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_outcome(
    ctx: ReducerContext,
    n: u32,
    value: Result[str, str],
    maybe: Result[str, str] | None,
    several: list[Result[str, str]],
) -> None:
    ctx.db[PlainOutcome].update(PlainOutcome(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_outcome(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainOutcome].delete(n=n)


@table(public=True)
class PlainUneven:
    n: PrimaryKey[u32]
    value: Result[u32, list[Mood]]
    maybe: Result[u32, list[Mood]] | None
    several: list[Result[u32, list[Mood]]]


@reducer
def insert_plain_uneven(
    ctx: ReducerContext,
    n: u32,
    value: Result[u32, list[Mood]],
    maybe: Result[u32, list[Mood]] | None,
    several: list[Result[u32, list[Mood]]],
) -> None:
    ctx.db[PlainUneven].insert(PlainUneven(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_uneven(
    ctx: ReducerContext,
    n: u32,
    value: Result[u32, list[Mood]],
    maybe: Result[u32, list[Mood]] | None,
    several: list[Result[u32, list[Mood]]],
) -> None:
    ctx.db[PlainUneven].update(PlainUneven(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_uneven(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainUneven].delete(n=n)


@table(public=True)
class PlainNestedOption:
    n: PrimaryKey[u32]
    value: Option[Option[u8]]
    maybe: Option[Option[Option[u8]]]
    several: list[Option[Option[u8]]]


@reducer
def insert_plain_nested_option(
    ctx: ReducerContext,
    n: u32,
    value: Option[Option[u8]],
    maybe: Option[Option[Option[u8]]],
    several: list[Option[Option[u8]]],
) -> None:
    ctx.db[PlainNestedOption].insert(PlainNestedOption(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_nested_option(
    ctx: ReducerContext,
    n: u32,
    value: Option[Option[u8]],
    maybe: Option[Option[Option[u8]]],
    several: list[Option[Option[u8]]],
) -> None:
    ctx.db[PlainNestedOption].update(PlainNestedOption(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_nested_option(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainNestedOption].delete(n=n)


@table(public=True)
class PlainNestedList:
    n: PrimaryKey[u32]
    value: list[list[str]]
    maybe: list[list[str]] | None
    several: list[list[list[str]]]


@reducer
def insert_plain_nested_list(
    ctx: ReducerContext, n: u32, value: list[list[str]], maybe: list[list[str]] | None, several: list[list[list[str]]]
) -> None:
    ctx.db[PlainNestedList].insert(PlainNestedList(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_nested_list(
    ctx: ReducerContext, n: u32, value: list[list[str]], maybe: list[list[str]] | None, several: list[list[list[str]]]
) -> None:
    ctx.db[PlainNestedList].update(PlainNestedList(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_nested_list(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainNestedList].delete(n=n)


@table(public=True)
class PlainEverything:
    n: PrimaryKey[u32]
    value: Everything
    maybe: Everything | None
    several: list[Everything]


@reducer
def insert_plain_everything(
    ctx: ReducerContext, n: u32, value: Everything, maybe: Everything | None, several: list[Everything]
) -> None:
    ctx.db[PlainEverything].insert(PlainEverything(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_everything(
    ctx: ReducerContext, n: u32, value: Everything, maybe: Everything | None, several: list[Everything]
) -> None:
    ctx.db[PlainEverything].update(PlainEverything(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_everything(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainEverything].delete(n=n)


@table(public=True)
class PlainAnything:
    n: PrimaryKey[u32]
    value: Anything
    maybe: Anything | None
    several: list[Anything]


@reducer
def insert_plain_anything(
    ctx: ReducerContext, n: u32, value: Anything, maybe: Anything | None, several: list[Anything]
) -> None:
    ctx.db[PlainAnything].insert(PlainAnything(n=n, value=value, maybe=maybe, several=several))


@reducer
def update_plain_anything(
    ctx: ReducerContext, n: u32, value: Anything, maybe: Anything | None, several: list[Anything]
) -> None:
    ctx.db[PlainAnything].update(PlainAnything(n=n, value=value, maybe=maybe, several=several))


@reducer
def delete_plain_anything(ctx: ReducerContext, n: u32) -> None:
    ctx.db[PlainAnything].delete(n=n)

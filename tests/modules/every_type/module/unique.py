"""Every type that can be unique. Written by `generate.py`."""

from stdbctl.module import (
    ConnectionId,
    Identity,
    ReducerContext,
    Timestamp,
    Unique,
    Uuid,
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

from .kinds import Mood


@table(public=True)
class UniqueBool:
    value: Unique[bool]
    number: u32


@reducer
def insert_unique_bool(ctx: ReducerContext, value: bool, number: u32) -> None:
    ctx.db[UniqueBool].insert(UniqueBool(value=value, number=number))


@reducer
def update_unique_bool(ctx: ReducerContext, value: bool, number: u32) -> None:
    ctx.db[UniqueBool].delete(value=value)
    ctx.db[UniqueBool].insert(UniqueBool(value=value, number=number))


@reducer
def delete_unique_bool(ctx: ReducerContext, value: bool) -> None:
    ctx.db[UniqueBool].delete(value=value)


@table(public=True)
class UniqueU8:
    value: Unique[u8]
    number: u32


@reducer
def insert_unique_u8(ctx: ReducerContext, value: u8, number: u32) -> None:
    ctx.db[UniqueU8].insert(UniqueU8(value=value, number=number))


@reducer
def update_unique_u8(ctx: ReducerContext, value: u8, number: u32) -> None:
    ctx.db[UniqueU8].delete(value=value)
    ctx.db[UniqueU8].insert(UniqueU8(value=value, number=number))


@reducer
def delete_unique_u8(ctx: ReducerContext, value: u8) -> None:
    ctx.db[UniqueU8].delete(value=value)


@table(public=True)
class UniqueU16:
    value: Unique[u16]
    number: u32


@reducer
def insert_unique_u16(ctx: ReducerContext, value: u16, number: u32) -> None:
    ctx.db[UniqueU16].insert(UniqueU16(value=value, number=number))


@reducer
def update_unique_u16(ctx: ReducerContext, value: u16, number: u32) -> None:
    ctx.db[UniqueU16].delete(value=value)
    ctx.db[UniqueU16].insert(UniqueU16(value=value, number=number))


@reducer
def delete_unique_u16(ctx: ReducerContext, value: u16) -> None:
    ctx.db[UniqueU16].delete(value=value)


@table(public=True)
class UniqueU32:
    value: Unique[u32]
    number: u32


@reducer
def insert_unique_u32(ctx: ReducerContext, value: u32, number: u32) -> None:
    ctx.db[UniqueU32].insert(UniqueU32(value=value, number=number))


@reducer
def update_unique_u32(ctx: ReducerContext, value: u32, number: u32) -> None:
    ctx.db[UniqueU32].delete(value=value)
    ctx.db[UniqueU32].insert(UniqueU32(value=value, number=number))


@reducer
def delete_unique_u32(ctx: ReducerContext, value: u32) -> None:
    ctx.db[UniqueU32].delete(value=value)


@table(public=True)
class UniqueU64:
    value: Unique[u64]
    number: u32


@reducer
def insert_unique_u64(ctx: ReducerContext, value: u64, number: u32) -> None:
    ctx.db[UniqueU64].insert(UniqueU64(value=value, number=number))


@reducer
def update_unique_u64(ctx: ReducerContext, value: u64, number: u32) -> None:
    ctx.db[UniqueU64].delete(value=value)
    ctx.db[UniqueU64].insert(UniqueU64(value=value, number=number))


@reducer
def delete_unique_u64(ctx: ReducerContext, value: u64) -> None:
    ctx.db[UniqueU64].delete(value=value)


@table(public=True)
class UniqueU128:
    value: Unique[u128]
    number: u32


@reducer
def insert_unique_u128(ctx: ReducerContext, value: u128, number: u32) -> None:
    ctx.db[UniqueU128].insert(UniqueU128(value=value, number=number))


@reducer
def update_unique_u128(ctx: ReducerContext, value: u128, number: u32) -> None:
    ctx.db[UniqueU128].delete(value=value)
    ctx.db[UniqueU128].insert(UniqueU128(value=value, number=number))


@reducer
def delete_unique_u128(ctx: ReducerContext, value: u128) -> None:
    ctx.db[UniqueU128].delete(value=value)


@table(public=True)
class UniqueU256:
    value: Unique[u256]
    number: u32


@reducer
def insert_unique_u256(ctx: ReducerContext, value: u256, number: u32) -> None:
    ctx.db[UniqueU256].insert(UniqueU256(value=value, number=number))


@reducer
def update_unique_u256(ctx: ReducerContext, value: u256, number: u32) -> None:
    ctx.db[UniqueU256].delete(value=value)
    ctx.db[UniqueU256].insert(UniqueU256(value=value, number=number))


@reducer
def delete_unique_u256(ctx: ReducerContext, value: u256) -> None:
    ctx.db[UniqueU256].delete(value=value)


@table(public=True)
class UniqueI8:
    value: Unique[i8]
    number: u32


@reducer
def insert_unique_i8(ctx: ReducerContext, value: i8, number: u32) -> None:
    ctx.db[UniqueI8].insert(UniqueI8(value=value, number=number))


@reducer
def update_unique_i8(ctx: ReducerContext, value: i8, number: u32) -> None:
    ctx.db[UniqueI8].delete(value=value)
    ctx.db[UniqueI8].insert(UniqueI8(value=value, number=number))


@reducer
def delete_unique_i8(ctx: ReducerContext, value: i8) -> None:
    ctx.db[UniqueI8].delete(value=value)


@table(public=True)
class UniqueI16:
    value: Unique[i16]
    number: u32


@reducer
def insert_unique_i16(ctx: ReducerContext, value: i16, number: u32) -> None:
    ctx.db[UniqueI16].insert(UniqueI16(value=value, number=number))


@reducer
def update_unique_i16(ctx: ReducerContext, value: i16, number: u32) -> None:
    ctx.db[UniqueI16].delete(value=value)
    ctx.db[UniqueI16].insert(UniqueI16(value=value, number=number))


@reducer
def delete_unique_i16(ctx: ReducerContext, value: i16) -> None:
    ctx.db[UniqueI16].delete(value=value)


@table(public=True)
class UniqueI32:
    value: Unique[i32]
    number: u32


@reducer
def insert_unique_i32(ctx: ReducerContext, value: i32, number: u32) -> None:
    ctx.db[UniqueI32].insert(UniqueI32(value=value, number=number))


@reducer
def update_unique_i32(ctx: ReducerContext, value: i32, number: u32) -> None:
    ctx.db[UniqueI32].delete(value=value)
    ctx.db[UniqueI32].insert(UniqueI32(value=value, number=number))


@reducer
def delete_unique_i32(ctx: ReducerContext, value: i32) -> None:
    ctx.db[UniqueI32].delete(value=value)


@table(public=True)
class UniqueI64:
    value: Unique[i64]
    number: u32


@reducer
def insert_unique_i64(ctx: ReducerContext, value: i64, number: u32) -> None:
    ctx.db[UniqueI64].insert(UniqueI64(value=value, number=number))


@reducer
def update_unique_i64(ctx: ReducerContext, value: i64, number: u32) -> None:
    ctx.db[UniqueI64].delete(value=value)
    ctx.db[UniqueI64].insert(UniqueI64(value=value, number=number))


@reducer
def delete_unique_i64(ctx: ReducerContext, value: i64) -> None:
    ctx.db[UniqueI64].delete(value=value)


@table(public=True)
class UniqueI128:
    value: Unique[i128]
    number: u32


@reducer
def insert_unique_i128(ctx: ReducerContext, value: i128, number: u32) -> None:
    ctx.db[UniqueI128].insert(UniqueI128(value=value, number=number))


@reducer
def update_unique_i128(ctx: ReducerContext, value: i128, number: u32) -> None:
    ctx.db[UniqueI128].delete(value=value)
    ctx.db[UniqueI128].insert(UniqueI128(value=value, number=number))


@reducer
def delete_unique_i128(ctx: ReducerContext, value: i128) -> None:
    ctx.db[UniqueI128].delete(value=value)


@table(public=True)
class UniqueI256:
    value: Unique[i256]
    number: u32


@reducer
def insert_unique_i256(ctx: ReducerContext, value: i256, number: u32) -> None:
    ctx.db[UniqueI256].insert(UniqueI256(value=value, number=number))


@reducer
def update_unique_i256(ctx: ReducerContext, value: i256, number: u32) -> None:
    ctx.db[UniqueI256].delete(value=value)
    ctx.db[UniqueI256].insert(UniqueI256(value=value, number=number))


@reducer
def delete_unique_i256(ctx: ReducerContext, value: i256) -> None:
    ctx.db[UniqueI256].delete(value=value)


@table(public=True)
class UniqueText:
    value: Unique[str]
    number: u32


@reducer
def insert_unique_text(ctx: ReducerContext, value: str, number: u32) -> None:
    ctx.db[UniqueText].insert(UniqueText(value=value, number=number))


@reducer
def update_unique_text(ctx: ReducerContext, value: str, number: u32) -> None:
    ctx.db[UniqueText].delete(value=value)
    ctx.db[UniqueText].insert(UniqueText(value=value, number=number))


@reducer
def delete_unique_text(ctx: ReducerContext, value: str) -> None:
    ctx.db[UniqueText].delete(value=value)


@table(public=True)
class UniqueIdentity:
    value: Unique[Identity]
    number: u32


@reducer
def insert_unique_identity(ctx: ReducerContext, value: Identity, number: u32) -> None:
    ctx.db[UniqueIdentity].insert(UniqueIdentity(value=value, number=number))


@reducer
def update_unique_identity(ctx: ReducerContext, value: Identity, number: u32) -> None:
    ctx.db[UniqueIdentity].delete(value=value)
    ctx.db[UniqueIdentity].insert(UniqueIdentity(value=value, number=number))


@reducer
def delete_unique_identity(ctx: ReducerContext, value: Identity) -> None:
    ctx.db[UniqueIdentity].delete(value=value)


@table(public=True)
class UniqueConnection:
    value: Unique[ConnectionId]
    number: u32


@reducer
def insert_unique_connection(ctx: ReducerContext, value: ConnectionId, number: u32) -> None:
    ctx.db[UniqueConnection].insert(UniqueConnection(value=value, number=number))


@reducer
def update_unique_connection(ctx: ReducerContext, value: ConnectionId, number: u32) -> None:
    ctx.db[UniqueConnection].delete(value=value)
    ctx.db[UniqueConnection].insert(UniqueConnection(value=value, number=number))


@reducer
def delete_unique_connection(ctx: ReducerContext, value: ConnectionId) -> None:
    ctx.db[UniqueConnection].delete(value=value)


@table(public=True)
class UniqueTimestamp:
    value: Unique[Timestamp]
    number: u32


@reducer
def insert_unique_timestamp(ctx: ReducerContext, value: Timestamp, number: u32) -> None:
    ctx.db[UniqueTimestamp].insert(UniqueTimestamp(value=value, number=number))


@reducer
def update_unique_timestamp(ctx: ReducerContext, value: Timestamp, number: u32) -> None:
    ctx.db[UniqueTimestamp].delete(value=value)
    ctx.db[UniqueTimestamp].insert(UniqueTimestamp(value=value, number=number))


@reducer
def delete_unique_timestamp(ctx: ReducerContext, value: Timestamp) -> None:
    ctx.db[UniqueTimestamp].delete(value=value)


@table(public=True)
class UniqueUuid:
    value: Unique[Uuid]
    number: u32


@reducer
def insert_unique_uuid(ctx: ReducerContext, value: Uuid, number: u32) -> None:
    ctx.db[UniqueUuid].insert(UniqueUuid(value=value, number=number))


@reducer
def update_unique_uuid(ctx: ReducerContext, value: Uuid, number: u32) -> None:
    ctx.db[UniqueUuid].delete(value=value)
    ctx.db[UniqueUuid].insert(UniqueUuid(value=value, number=number))


@reducer
def delete_unique_uuid(ctx: ReducerContext, value: Uuid) -> None:
    ctx.db[UniqueUuid].delete(value=value)


@table(public=True)
class UniqueMood:
    value: Unique[Mood]
    number: u32


@reducer
def insert_unique_mood(ctx: ReducerContext, value: Mood, number: u32) -> None:
    ctx.db[UniqueMood].insert(UniqueMood(value=value, number=number))


@reducer
def update_unique_mood(ctx: ReducerContext, value: Mood, number: u32) -> None:
    ctx.db[UniqueMood].delete(value=value)
    ctx.db[UniqueMood].insert(UniqueMood(value=value, number=number))


@reducer
def delete_unique_mood(ctx: ReducerContext, value: Mood) -> None:
    ctx.db[UniqueMood].delete(value=value)

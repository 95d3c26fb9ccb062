"""Every type that can be a key. Written by `generate.py`."""

from stdbctl.module import (
    ConnectionId,
    Identity,
    PrimaryKey,
    ReducerContext,
    Timestamp,
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
class KeyedBool:
    value: PrimaryKey[bool]
    number: u32


@reducer
def insert_keyed_bool(ctx: ReducerContext, value: bool, number: u32) -> None:
    ctx.db[KeyedBool].insert(KeyedBool(value=value, number=number))


@reducer
def update_keyed_bool(ctx: ReducerContext, value: bool, number: u32) -> None:
    ctx.db[KeyedBool].update(KeyedBool(value=value, number=number))


@reducer
def delete_keyed_bool(ctx: ReducerContext, value: bool) -> None:
    ctx.db[KeyedBool].delete(value=value)


@table(public=True)
class KeyedU8:
    value: PrimaryKey[u8]
    number: u32


@reducer
def insert_keyed_u8(ctx: ReducerContext, value: u8, number: u32) -> None:
    ctx.db[KeyedU8].insert(KeyedU8(value=value, number=number))


@reducer
def update_keyed_u8(ctx: ReducerContext, value: u8, number: u32) -> None:
    ctx.db[KeyedU8].update(KeyedU8(value=value, number=number))


@reducer
def delete_keyed_u8(ctx: ReducerContext, value: u8) -> None:
    ctx.db[KeyedU8].delete(value=value)


@table(public=True)
class KeyedU16:
    value: PrimaryKey[u16]
    number: u32


@reducer
def insert_keyed_u16(ctx: ReducerContext, value: u16, number: u32) -> None:
    ctx.db[KeyedU16].insert(KeyedU16(value=value, number=number))


@reducer
def update_keyed_u16(ctx: ReducerContext, value: u16, number: u32) -> None:
    ctx.db[KeyedU16].update(KeyedU16(value=value, number=number))


@reducer
def delete_keyed_u16(ctx: ReducerContext, value: u16) -> None:
    ctx.db[KeyedU16].delete(value=value)


@table(public=True)
class KeyedU32:
    value: PrimaryKey[u32]
    number: u32


@reducer
def insert_keyed_u32(ctx: ReducerContext, value: u32, number: u32) -> None:
    ctx.db[KeyedU32].insert(KeyedU32(value=value, number=number))


@reducer
def update_keyed_u32(ctx: ReducerContext, value: u32, number: u32) -> None:
    ctx.db[KeyedU32].update(KeyedU32(value=value, number=number))


@reducer
def delete_keyed_u32(ctx: ReducerContext, value: u32) -> None:
    ctx.db[KeyedU32].delete(value=value)


@table(public=True)
class KeyedU64:
    value: PrimaryKey[u64]
    number: u32


@reducer
def insert_keyed_u64(ctx: ReducerContext, value: u64, number: u32) -> None:
    ctx.db[KeyedU64].insert(KeyedU64(value=value, number=number))


@reducer
def update_keyed_u64(ctx: ReducerContext, value: u64, number: u32) -> None:
    ctx.db[KeyedU64].update(KeyedU64(value=value, number=number))


@reducer
def delete_keyed_u64(ctx: ReducerContext, value: u64) -> None:
    ctx.db[KeyedU64].delete(value=value)


@table(public=True)
class KeyedU128:
    value: PrimaryKey[u128]
    number: u32


@reducer
def insert_keyed_u128(ctx: ReducerContext, value: u128, number: u32) -> None:
    ctx.db[KeyedU128].insert(KeyedU128(value=value, number=number))


@reducer
def update_keyed_u128(ctx: ReducerContext, value: u128, number: u32) -> None:
    ctx.db[KeyedU128].update(KeyedU128(value=value, number=number))


@reducer
def delete_keyed_u128(ctx: ReducerContext, value: u128) -> None:
    ctx.db[KeyedU128].delete(value=value)


@table(public=True)
class KeyedU256:
    value: PrimaryKey[u256]
    number: u32


@reducer
def insert_keyed_u256(ctx: ReducerContext, value: u256, number: u32) -> None:
    ctx.db[KeyedU256].insert(KeyedU256(value=value, number=number))


@reducer
def update_keyed_u256(ctx: ReducerContext, value: u256, number: u32) -> None:
    ctx.db[KeyedU256].update(KeyedU256(value=value, number=number))


@reducer
def delete_keyed_u256(ctx: ReducerContext, value: u256) -> None:
    ctx.db[KeyedU256].delete(value=value)


@table(public=True)
class KeyedI8:
    value: PrimaryKey[i8]
    number: u32


@reducer
def insert_keyed_i8(ctx: ReducerContext, value: i8, number: u32) -> None:
    ctx.db[KeyedI8].insert(KeyedI8(value=value, number=number))


@reducer
def update_keyed_i8(ctx: ReducerContext, value: i8, number: u32) -> None:
    ctx.db[KeyedI8].update(KeyedI8(value=value, number=number))


@reducer
def delete_keyed_i8(ctx: ReducerContext, value: i8) -> None:
    ctx.db[KeyedI8].delete(value=value)


@table(public=True)
class KeyedI16:
    value: PrimaryKey[i16]
    number: u32


@reducer
def insert_keyed_i16(ctx: ReducerContext, value: i16, number: u32) -> None:
    ctx.db[KeyedI16].insert(KeyedI16(value=value, number=number))


@reducer
def update_keyed_i16(ctx: ReducerContext, value: i16, number: u32) -> None:
    ctx.db[KeyedI16].update(KeyedI16(value=value, number=number))


@reducer
def delete_keyed_i16(ctx: ReducerContext, value: i16) -> None:
    ctx.db[KeyedI16].delete(value=value)


@table(public=True)
class KeyedI32:
    value: PrimaryKey[i32]
    number: u32


@reducer
def insert_keyed_i32(ctx: ReducerContext, value: i32, number: u32) -> None:
    ctx.db[KeyedI32].insert(KeyedI32(value=value, number=number))


@reducer
def update_keyed_i32(ctx: ReducerContext, value: i32, number: u32) -> None:
    ctx.db[KeyedI32].update(KeyedI32(value=value, number=number))


@reducer
def delete_keyed_i32(ctx: ReducerContext, value: i32) -> None:
    ctx.db[KeyedI32].delete(value=value)


@table(public=True)
class KeyedI64:
    value: PrimaryKey[i64]
    number: u32


@reducer
def insert_keyed_i64(ctx: ReducerContext, value: i64, number: u32) -> None:
    ctx.db[KeyedI64].insert(KeyedI64(value=value, number=number))


@reducer
def update_keyed_i64(ctx: ReducerContext, value: i64, number: u32) -> None:
    ctx.db[KeyedI64].update(KeyedI64(value=value, number=number))


@reducer
def delete_keyed_i64(ctx: ReducerContext, value: i64) -> None:
    ctx.db[KeyedI64].delete(value=value)


@table(public=True)
class KeyedI128:
    value: PrimaryKey[i128]
    number: u32


@reducer
def insert_keyed_i128(ctx: ReducerContext, value: i128, number: u32) -> None:
    ctx.db[KeyedI128].insert(KeyedI128(value=value, number=number))


@reducer
def update_keyed_i128(ctx: ReducerContext, value: i128, number: u32) -> None:
    ctx.db[KeyedI128].update(KeyedI128(value=value, number=number))


@reducer
def delete_keyed_i128(ctx: ReducerContext, value: i128) -> None:
    ctx.db[KeyedI128].delete(value=value)


@table(public=True)
class KeyedI256:
    value: PrimaryKey[i256]
    number: u32


@reducer
def insert_keyed_i256(ctx: ReducerContext, value: i256, number: u32) -> None:
    ctx.db[KeyedI256].insert(KeyedI256(value=value, number=number))


@reducer
def update_keyed_i256(ctx: ReducerContext, value: i256, number: u32) -> None:
    ctx.db[KeyedI256].update(KeyedI256(value=value, number=number))


@reducer
def delete_keyed_i256(ctx: ReducerContext, value: i256) -> None:
    ctx.db[KeyedI256].delete(value=value)


@table(public=True)
class KeyedText:
    value: PrimaryKey[str]
    number: u32


@reducer
def insert_keyed_text(ctx: ReducerContext, value: str, number: u32) -> None:
    ctx.db[KeyedText].insert(KeyedText(value=value, number=number))


@reducer
def update_keyed_text(ctx: ReducerContext, value: str, number: u32) -> None:
    ctx.db[KeyedText].update(KeyedText(value=value, number=number))


@reducer
def delete_keyed_text(ctx: ReducerContext, value: str) -> None:
    ctx.db[KeyedText].delete(value=value)


@table(public=True)
class KeyedIdentity:
    value: PrimaryKey[Identity]
    number: u32


@reducer
def insert_keyed_identity(ctx: ReducerContext, value: Identity, number: u32) -> None:
    ctx.db[KeyedIdentity].insert(KeyedIdentity(value=value, number=number))


@reducer
def update_keyed_identity(ctx: ReducerContext, value: Identity, number: u32) -> None:
    ctx.db[KeyedIdentity].update(KeyedIdentity(value=value, number=number))


@reducer
def delete_keyed_identity(ctx: ReducerContext, value: Identity) -> None:
    ctx.db[KeyedIdentity].delete(value=value)


@table(public=True)
class KeyedConnection:
    value: PrimaryKey[ConnectionId]
    number: u32


@reducer
def insert_keyed_connection(ctx: ReducerContext, value: ConnectionId, number: u32) -> None:
    ctx.db[KeyedConnection].insert(KeyedConnection(value=value, number=number))


@reducer
def update_keyed_connection(ctx: ReducerContext, value: ConnectionId, number: u32) -> None:
    ctx.db[KeyedConnection].update(KeyedConnection(value=value, number=number))


@reducer
def delete_keyed_connection(ctx: ReducerContext, value: ConnectionId) -> None:
    ctx.db[KeyedConnection].delete(value=value)


@table(public=True)
class KeyedTimestamp:
    value: PrimaryKey[Timestamp]
    number: u32


@reducer
def insert_keyed_timestamp(ctx: ReducerContext, value: Timestamp, number: u32) -> None:
    ctx.db[KeyedTimestamp].insert(KeyedTimestamp(value=value, number=number))


@reducer
def update_keyed_timestamp(ctx: ReducerContext, value: Timestamp, number: u32) -> None:
    ctx.db[KeyedTimestamp].update(KeyedTimestamp(value=value, number=number))


@reducer
def delete_keyed_timestamp(ctx: ReducerContext, value: Timestamp) -> None:
    ctx.db[KeyedTimestamp].delete(value=value)


@table(public=True)
class KeyedUuid:
    value: PrimaryKey[Uuid]
    number: u32


@reducer
def insert_keyed_uuid(ctx: ReducerContext, value: Uuid, number: u32) -> None:
    ctx.db[KeyedUuid].insert(KeyedUuid(value=value, number=number))


@reducer
def update_keyed_uuid(ctx: ReducerContext, value: Uuid, number: u32) -> None:
    ctx.db[KeyedUuid].update(KeyedUuid(value=value, number=number))


@reducer
def delete_keyed_uuid(ctx: ReducerContext, value: Uuid) -> None:
    ctx.db[KeyedUuid].delete(value=value)


@table(public=True)
class KeyedMood:
    value: PrimaryKey[Mood]
    number: u32


@reducer
def insert_keyed_mood(ctx: ReducerContext, value: Mood, number: u32) -> None:
    ctx.db[KeyedMood].insert(KeyedMood(value=value, number=number))


@reducer
def update_keyed_mood(ctx: ReducerContext, value: Mood, number: u32) -> None:
    ctx.db[KeyedMood].update(KeyedMood(value=value, number=number))


@reducer
def delete_keyed_mood(ctx: ReducerContext, value: Mood) -> None:
    ctx.db[KeyedMood].delete(value=value)

"""The messages of WebSocket v1 as SATS types, in its two encodings (docs/protocol.md, "Version 1").

In JSON three things differ: `args` is a string that holds a JSON array, a row list is a list of strings that each
hold a row, and an update stands without the choice of compression around it.
"""

from typing import NamedTuple

from stdbctl.protocol.schema_v2 import ROW_LIST
from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    AlgebraicType,
    ArrayType,
    Primitive,
    option,
    product,
    sum_type,
)

_STRING, _U8, _U32, _U64 = Primitive.STRING, Primitive.U8, Primitive.U32, Primitive.U64
_QUERY_ID = product(id=_U32)
_ENERGY = product(quanta=Primitive.U128)


class MessageTypes(NamedTuple):
    """What a client and what a server may say in one of the two encodings."""

    client: AlgebraicType
    server: AlgebraicType


def _client_message(args: AlgebraicType) -> AlgebraicType:
    return sum_type(
        CallReducer=product(reducer=_STRING, args=args, request_id=_U32, flags=_U8),
        Subscribe=product(query_strings=ArrayType(_STRING), request_id=_U32),
        OneOffQuery=product(message_id=BYTES, query_string=_STRING),
        SubscribeSingle=product(query=_STRING, request_id=_U32, query_id=_QUERY_ID),
        SubscribeMulti=product(query_strings=ArrayType(_STRING), request_id=_U32, query_id=_QUERY_ID),
        Unsubscribe=product(request_id=_U32, query_id=_QUERY_ID),
        UnsubscribeMulti=product(request_id=_U32, query_id=_QUERY_ID),
        CallProcedure=product(procedure=_STRING, args=args, request_id=_U32, flags=_U8),
    )


def _server_message(args: AlgebraicType, rows: AlgebraicType, update: AlgebraicType) -> AlgebraicType:
    table_update = product(table_id=_U32, table_name=_STRING, num_rows=_U64, updates=ArrayType(update))
    database_update = product(tables=ArrayType(table_update))
    subscribe_rows = product(table_id=_U32, table_name=_STRING, table_rows=table_update)
    applied: dict[str, AlgebraicType] = {
        "request_id": _U32,
        "total_host_execution_duration_micros": _U64,
        "query_id": _QUERY_ID,
    }
    single = product(**applied, rows=subscribe_rows)
    multi = product(**applied, update=database_update)
    return sum_type(
        InitialSubscription=product(
            database_update=database_update, request_id=_U32, total_host_execution_duration=TIME_DURATION
        ),
        TransactionUpdate=product(
            status=sum_type(Committed=database_update, Failed=_STRING, OutOfEnergy=UNIT),
            timestamp=TIMESTAMP,
            caller_identity=IDENTITY,
            caller_connection_id=CONNECTION_ID,
            reducer_call=product(reducer_name=_STRING, reducer_id=_U32, args=args, request_id=_U32),
            energy_quanta_used=_ENERGY,
            total_host_execution_duration=TIME_DURATION,
        ),
        TransactionUpdateLight=product(request_id=_U32, update=database_update),
        IdentityToken=product(identity=IDENTITY, token=_STRING, connection_id=CONNECTION_ID),
        OneOffQueryResponse=product(
            message_id=BYTES,
            error=option(_STRING),
            tables=ArrayType(product(table_name=_STRING, rows=rows)),
            total_host_execution_duration=TIME_DURATION,
        ),
        SubscribeApplied=single,
        UnsubscribeApplied=single,
        SubscriptionError=product(
            total_host_execution_duration_micros=_U64,
            request_id=option(_U32),
            query_id=option(_U32),
            table_id=option(_U32),
            error=_STRING,
        ),
        SubscribeMultiApplied=multi,
        UnsubscribeMultiApplied=multi,
        ProcedureResult=product(
            status=sum_type(Returned=args, OutOfEnergy=UNIT, InternalError=_STRING),
            timestamp=TIMESTAMP,
            total_host_execution_duration=TIME_DURATION,
            request_id=_U32,
        ),
    )


def _bsatn_types() -> MessageTypes:
    update = product(deletes=ROW_LIST, inserts=ROW_LIST)
    compressable = sum_type(Uncompressed=update, Brotli=BYTES, Gzip=BYTES)
    return MessageTypes(_client_message(BYTES), _server_message(BYTES, ROW_LIST, compressable))


def _json_types() -> MessageTypes:
    rows = ArrayType(_STRING)
    return MessageTypes(_client_message(_STRING), _server_message(_STRING, rows, product(deletes=rows, inserts=rows)))


BSATN_TYPES = _bsatn_types()
JSON_TYPES = _json_types()

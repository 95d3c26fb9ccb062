"""The messages of WebSocket v2 and v3 as SATS types: what the hand-written fast paths must agree with.

v3 has the same messages as v2; only its frames may hold several (stdbctl.protocol.frames).
"""

from stdbctl.sats import (
    BYTES,
    CONNECTION_ID,
    IDENTITY,
    TIME_DURATION,
    TIMESTAMP,
    UNIT,
    ArrayType,
    Primitive,
    option,
    product,
    result,
    sum_type,
)

_STRING, _U8, _U16, _U32, _U64 = (
    Primitive.STRING,
    Primitive.U8,
    Primitive.U16,
    Primitive.U32,
    Primitive.U64,
)

QUERY_SET_ID = product(id=_U32)
CLIENT_MESSAGE = sum_type(
    Subscribe=product(request_id=_U32, query_set_id=QUERY_SET_ID, query_strings=ArrayType(_STRING)),
    Unsubscribe=product(request_id=_U32, query_set_id=QUERY_SET_ID, flags=sum_type(Default=UNIT, SendDroppedRows=UNIT)),
    OneOffQuery=product(request_id=_U32, query_string=_STRING),
    CallReducer=product(request_id=_U32, flags=_U8, reducer=_STRING, args=BYTES),
    CallProcedure=product(request_id=_U32, flags=_U8, procedure=_STRING, args=BYTES),
)

ROW_LIST = product(size_hint=sum_type(FixedSize=_U16, RowOffsets=ArrayType(_U64)), rows_data=BYTES)
QUERY_ROWS = product(tables=ArrayType(product(table=_STRING, rows=ROW_LIST)))
TABLE_UPDATE_ROWS = sum_type(
    PersistentTable=product(inserts=ROW_LIST, deletes=ROW_LIST), EventTable=product(events=ROW_LIST)
)
TABLE_UPDATE = product(table_name=_STRING, rows=ArrayType(TABLE_UPDATE_ROWS))
TRANSACTION_UPDATE = product(query_sets=ArrayType(product(query_set_id=QUERY_SET_ID, tables=ArrayType(TABLE_UPDATE))))
REDUCER_OUTCOME = sum_type(
    Ok=product(ret_value=BYTES, transaction_update=TRANSACTION_UPDATE),
    OkEmpty=UNIT,
    Err=BYTES,
    InternalError=_STRING,
)
SERVER_MESSAGE = sum_type(
    InitialConnection=product(identity=IDENTITY, connection_id=CONNECTION_ID, token=_STRING),
    SubscribeApplied=product(request_id=_U32, query_set_id=QUERY_SET_ID, rows=QUERY_ROWS),
    UnsubscribeApplied=product(request_id=_U32, query_set_id=QUERY_SET_ID, rows=option(QUERY_ROWS)),
    SubscriptionError=product(request_id=option(_U32), query_set_id=QUERY_SET_ID, error=_STRING),
    TransactionUpdate=TRANSACTION_UPDATE,
    OneOffQueryResult=product(request_id=_U32, result=result(QUERY_ROWS, _STRING)),
    ReducerResult=product(request_id=_U32, timestamp=TIMESTAMP, result=REDUCER_OUTCOME),
    ProcedureResult=product(
        status=sum_type(Returned=BYTES, InternalError=_STRING),
        timestamp=TIMESTAMP,
        total_host_execution_duration=TIME_DURATION,
        request_id=_U32,
    ),
)

"""Server messages of WebSocket v1 to and from their two encodings."""

from typing import Any, NamedTuple  # Any: engine values of the message types

from stdbctl.protocol.frames import gunzip
from stdbctl.protocol.row_lists import RowList, common_size, row_offsets
from stdbctl.protocol.schema_v2 import ROW_LIST
from stdbctl.protocol.v1.schema import BSATN_TYPES, JSON_TYPES
from stdbctl.protocol.v1.server_messages import (
    Committed,
    DatabaseUpdate,
    Failed,
    IdentityToken,
    InitialSubscription,
    InternalError,
    OneOffQueryResponse,
    OutOfEnergy,
    ProcedureResult,
    QueryUpdate,
    ReducerCallInfo,
    Returned,
    Rows,
    ServerMessage,
    SubscribeApplied,
    SubscribeMultiApplied,
    SubscriptionError,
    TableUpdate,
    TransactionUpdate,
    TransactionUpdateLight,
    UnsubscribeApplied,
    UnsubscribeMultiApplied,
)
from stdbctl.sats import DecodeError, JsonStyle, Typespace, compile_codec, dumps, from_json, loads, product, to_json

_CLASSES: tuple[type[ServerMessage], ...] = (
    InitialSubscription,
    TransactionUpdate,
    TransactionUpdateLight,
    IdentityToken,
    OneOffQueryResponse,
    SubscribeApplied,
    UnsubscribeApplied,
    SubscriptionError,
    SubscribeMultiApplied,
    UnsubscribeMultiApplied,
    ProcedureResult,
)
_codec = compile_codec(BSATN_TYPES.server)
_query_update = compile_codec(product(deletes=ROW_LIST, inserts=ROW_LIST))
_NO_TYPES = Typespace()


def encode_server_message(message: ServerMessage) -> bytes:
    """The BSATN of a message whose rows and args are bytes, without a frame's compression byte. Raises EncodeError."""
    return _codec.encode((_CLASSES.index(type(message)), _Form(is_json=False).fields(message)))


def server_message_text(message: ServerMessage) -> str:
    """The JSON text of a message whose rows and args are texts."""
    value = (_CLASSES.index(type(message)), _Form(is_json=True).fields(message))
    return dumps(to_json(JSON_TYPES.server, _NO_TYPES, value, JsonStyle.DECLARED))


def decode_server_message(data: bytes | str) -> ServerMessage:
    """Read a message: JSON text, or the body of a binary frame (see `frame_body`). Raises DecodeError, JsonError."""
    if isinstance(data, str):
        tag, fields = from_json(JSON_TYPES.server, _NO_TYPES, loads(data))
        return _Form(is_json=True).message(_CLASSES[tag], fields)
    if data and data[0] >= len(_CLASSES):
        raise DecodeError(f"unknown tag {data[0]:#x} for sum type ServerMessage")
    tag, fields = _codec.decode(data)[0]
    return _Form(is_json=False).message(_CLASSES[tag], fields)


class _Form(NamedTuple):
    """One of the two encodings: messages to the values of its types, and back."""

    is_json: bool

    def fields(self, message: ServerMessage) -> tuple[Any, ...]:
        match message:
            case InitialSubscription(update, request_id, duration):
                return self.database(update), request_id, duration
            case TransactionUpdate(status, timestamp, identity, connection_id, call, energy, duration):
                made = self.status(status)
                return made, timestamp, identity, connection_id, tuple(call), (energy,), duration
            case TransactionUpdateLight(request_id, update):
                return request_id, self.database(update)
            case OneOffQueryResponse(message_id, error, tables, duration):
                return message_id, error, tuple([(name, self.rows(rows)) for name, rows in tables]), duration
            case SubscribeApplied(request_id, micros, query_id, table) | UnsubscribeApplied(
                request_id, micros, query_id, table
            ):
                return request_id, micros, (query_id,), (table.table_id, table.table_name, self.table(table))
            case SubscribeMultiApplied(request_id, micros, query_id, update) | UnsubscribeMultiApplied(
                request_id, micros, query_id, update
            ):
                return request_id, micros, (query_id,), self.database(update)
            case ProcedureResult(status=status):
                return _procedure_status(status), *message[1:]
        return tuple(message)

    def status(self, status: Committed | Failed | OutOfEnergy) -> tuple[int, Any]:
        if isinstance(status, Committed):
            return 0, self.database(status.update)
        return (1, status.text) if isinstance(status, Failed) else (2, ())

    def database(self, update: DatabaseUpdate) -> tuple[Any, ...]:
        return (tuple([self.table(table) for table in update]),)

    def table(self, table: TableUpdate) -> tuple[Any, ...]:
        return (*table[:3], tuple([self.query(update) for update in table.updates]))

    def query(self, update: QueryUpdate) -> tuple[Any, ...]:
        lists = (self.rows(update.deletes), self.rows(update.inserts))
        return lists if self.is_json else (0, lists)

    def rows(self, rows: Any) -> Any:
        if self.is_json:
            return rows
        size = common_size(rows)
        return ((1, row_offsets(rows)) if size is None else (0, size)), b"".join(rows)

    def message(self, class_: type[ServerMessage], fields: tuple[Any, ...]) -> ServerMessage:
        """A message from the value of its product."""
        if class_ is InitialSubscription:
            return InitialSubscription(self.read_database(fields[0]), *fields[1:])
        if class_ is TransactionUpdate:
            status, timestamp, identity, connection_id, call, (energy,), duration = fields
            made, info = self.read_status(*status), ReducerCallInfo(*call)
            return TransactionUpdate(made, timestamp, identity, connection_id, info, energy, duration)
        if class_ is TransactionUpdateLight:
            return TransactionUpdateLight(fields[0], self.read_database(fields[1]))
        if class_ is OneOffQueryResponse:
            tables = tuple([(name, self.read_rows(rows)) for name, rows in fields[2]])
            return OneOffQueryResponse(fields[0], fields[1], tables, fields[3])
        if class_ is SubscribeApplied or class_ is UnsubscribeApplied:
            return class_(fields[0], fields[1], fields[2][0], self.read_table(fields[3][2]))
        if class_ is SubscribeMultiApplied or class_ is UnsubscribeMultiApplied:
            return class_(fields[0], fields[1], fields[2][0], self.read_database(fields[3]))
        if class_ is ProcedureResult:
            return ProcedureResult(_read_procedure_status(*fields[0]), *fields[1:])
        return class_(*fields)

    def read_status(self, tag: int, payload: Any) -> Committed | Failed | OutOfEnergy:
        if tag == 0:
            return Committed(self.read_database(payload))
        return Failed(payload) if tag == 1 else OutOfEnergy()

    def read_database(self, value: Any) -> DatabaseUpdate:
        return tuple([self.read_table(table) for table in value[0]])

    def read_table(self, value: Any) -> TableUpdate:
        table_id, name, num_rows, updates = value
        return TableUpdate(table_id, name, num_rows, tuple([self.read_query(update) for update in updates]))

    def read_query(self, value: Any) -> QueryUpdate:
        if not self.is_json:
            tag, value = value
            if tag == 1:
                raise DecodeError("a brotli update came although it was not asked for; connect without compression")
            if tag == 2:
                value = _query_update.decode_all(gunzip(value))
        deletes, inserts = value
        return QueryUpdate(self.read_rows(deletes), self.read_rows(inserts))

    def read_rows(self, value: Any) -> Rows:
        if self.is_json:
            texts: tuple[str, ...] = value
            return texts
        (tag, hint), data = value
        try:
            return tuple((RowList(data, hint, ()) if tag == 0 else RowList(data, None, hint)).split())
        except ValueError as error:
            raise DecodeError(str(error)) from None


def _procedure_status(status: Returned | OutOfEnergy | InternalError) -> tuple[int, Any]:
    if isinstance(status, Returned):
        return 0, status.value
    return (2, status.text) if isinstance(status, InternalError) else (1, ())


def _read_procedure_status(tag: int, payload: Any) -> Returned | OutOfEnergy | InternalError:
    if tag == 0:
        return Returned(payload)
    return InternalError(payload) if tag == 2 else OutOfEnergy()

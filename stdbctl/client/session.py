"""One connection's state without any I/O: frames come in, frames go out, callbacks are told, calls end.

Both faces drive it: `opened`, `receive`, `lost` and `ended` say what the socket did, `take_messages` gives what is to
be sent. All methods belong to one thread at a time. Per message: every change is applied, then callbacks are told,
then calls end. Subscriptions outlive sockets.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from stdbctl.client.calls import Call
from stdbctl.client.events import (
    PredictionEvent,
    ReconnectEvent,
    ReducerEvent,
    TransactionEvent,
)
from stdbctl.client.functions import Arguments, Procedure
from stdbctl.client.listeners import Handler
from stdbctl.client.optimistic_layers import Effect, Layer
from stdbctl.client.query_sets import QuerySets
from stdbctl.client.remote import RemoteModule
from stdbctl.client.replica import Replica
from stdbctl.client.requests import ProcedureRequest, QueryRequest, ReducerRequest, Requests
from stdbctl.client.row_types import Shapes
from stdbctl.client.sdk_errors import (
    BrokenMessage,
    ConnectionClosed,
    ConnectionLost,
    IdentityChanged,
    InternalError,
    QueryError,
    SchemaMismatch,
    TooMuchToSend,
)
from stdbctl.client.subscriptions import Subscription
from stdbctl.client.unpacking import unpacked
from stdbctl.client.waiting import Waiting
from stdbctl.errors import ReducerError, StdbctlError
from stdbctl.protocol import (
    CallProcedure,
    CallReducer,
    ClientMessage,
    InitialConnection,
    OneOffQuery,
    OneOffQueryResult,
    ProcedureResult,
    ReducerErr,
    ReducerOk,
    ReducerResult,
    SubscribeApplied,
    TransactionUpdate,
    UnsubscribeApplied,
    client_frames,
    decode_server_messages,
    encode_client_message,
)
from stdbctl.protocol import InternalError as InternalErrorMessage
from stdbctl.protocol import SubscriptionError as SubscriptionErrorMessage
from stdbctl.sats import ConnectionId, DecodeError, Identity, Primitive, compile_codec

OUTBOX_BYTES_MAX = 64 * 1024 * 1024
"""Bytes that wait to be sent; a program that calls without ever waiting is told before it fills the memory."""

_decode_text = compile_codec(Primitive.STRING).decode_all


class Session:
    """The state of one connection over all its sockets.

    `waiting`: how the face waits, and whom it tells of exceptions. `wake()`: called when there is something to send.
    """

    def __init__(self, module: RemoteModule, database: str, waiting: Waiting, wake: Callable[[], None]) -> None:
        self.database, self.waiting, self._wake = database, waiting, wake
        shapes = Shapes(module.types, module.classes)
        self.replica = Replica(module, shapes, waiting)
        self._reducers = {r.accessor: Arguments(r, f"reducer `{r.accessor}`", shapes) for r in module.reducers}
        self._procedures = {p.accessor: Procedure(p, f"procedure `{p.accessor}`", shapes) for p in module.procedures}
        self.predictions: dict[str, dict[Handler, None]] = {accessor: {} for accessor in self._reducers}
        self._requests = Requests()
        self._sets = QuerySets(self.replica, self._requests, waiting, self._send)
        self._outbox: list[bytes] = []
        self._queued_bytes = 0
        self._sent_bytes = 0
        self._is_batched = True
        self.is_active = False
        self.end: StdbctlError | None = None
        """Why there will be no connection any more."""
        self.identity: Identity | None = None
        self.connection_id: ConnectionId | None = None
        self.token: str | None = None
        self.when_active: dict[Handler, None] = {}
        self.when_lost: dict[Handler, None] = {}

    # -- what the program asks ------------------------------------------------------------------------------------

    def call_reducer(self, name: str, args: tuple[Any, ...], effect: Effect | None = None) -> Call[None]:
        """Call a reducer by its accessor. Raises InvalidArgument, TooMuchToSend, ConnectionLost.

        `effect`: what it is predicted to do, in place of what is registered in `predictions`.
        """
        reducer = self._reducers[name]
        data = reducer.encode(args)
        self._require_active(reducer.what)
        call: Call[None] = Call(self.waiting, reducer.what)
        layer = self._layer(reducer, args, effect)
        request_id = self._requests.add(ReducerRequest(call, reducer, args, layer))
        self._send(CallReducer(request_id, reducer.function.name, data))
        if layer is not None:
            self.replica.predict(layer)
        return call

    def _layer(self, reducer: Arguments, args: tuple[Any, ...], effect: Effect | None) -> Layer | None:
        """What a call is predicted to do; None when nobody says."""
        accessor = reducer.function.accessor
        if effect is None and not self.predictions[accessor]:
            return None
        effects = tuple(self.predictions[accessor])
        by_name = reducer.by_name(args)
        return self.replica.layers.new(
            effect or (lambda db: [registered.callback(db, **by_name) for registered in effects]),
            PredictionEvent(accessor, by_name),
        )

    def call_procedure(self, name: str, args: tuple[Any, ...]) -> Call[Any]:
        """Call a procedure by its accessor. Raises as `call_reducer`."""
        procedure = self._procedures[name]
        data = procedure.encode(args)
        self._require_active(procedure.what)
        call: Call[Any] = Call(self.waiting, procedure.what)
        request_id = self._requests.add(ProcedureRequest(call, procedure))
        self._send(CallProcedure(request_id, procedure.function.name, data))
        return call

    def query(self, text: str) -> Call[list[Any]]:
        """Ask once. Raises TooMuchToSend, ConnectionLost."""
        self._require_active("the query")
        call: Call[list[Any]] = Call(self.waiting, f"the query `{text}`")
        self._send(OneOffQuery(self._requests.add(QueryRequest(call, text)), text))
        return call

    def subscribe(self, queries: tuple[str, ...]) -> Call[Subscription]:
        """Register a query set; while the connection is away it is kept until it is back. Raises ConnectionClosed."""
        self.waiting.require_here("the subscription")
        if self.end is not None:
            raise ConnectionClosed("the subscription cannot be made", self.end.what) from self.end
        call: Call[Subscription] = Call(self.waiting, "the subscription")
        subscription = Subscription(self, queries, call)
        self._sets.add(subscription, is_active=self.is_active)
        return call

    def unsubscribe(self, subscription: Subscription) -> Call[None]:
        """End a subscription; the same call when it is ending or has ended already."""
        self.waiting.require_here("the end of the subscription")
        return self._sets.end(subscription, is_active=self.is_active)

    def require_waiting(self, what: str) -> None:
        """Raise NoPlaceToWait when an answer could not be waited for here."""
        self.waiting.require(what)

    def _require_active(self, what: str) -> None:
        self.waiting.require_here(what)
        if self.end is not None:
            raise ConnectionClosed(f"{what} cannot be called", self.end.what) from self.end
        if not self.is_active:
            raise ConnectionLost(f"{what} cannot be called", "there is no connection at the moment")
        if self.replica.layers.is_running:
            raise TypeError(f"{what} cannot be called in an effect, which only says what a call will do")
        if self._queued_bytes - self._sent_bytes > OUTBOX_BYTES_MAX:
            raise TooMuchToSend(OUTBOX_BYTES_MAX)

    # -- sending --------------------------------------------------------------------------------------------------

    def _send(self, message: ClientMessage) -> None:
        data = encode_client_message(message)
        self._outbox.append(data)
        self._queued_bytes += len(data)
        self._wake()

    def take_messages(self) -> list[bytes]:
        """The messages to send now; `frames` packs them, and counts them as sent."""
        messages, self._outbox = self._outbox, []
        return messages

    def frames(self, messages: list[bytes]) -> list[bytes]:
        """Messages as frames of the agreed protocol. The one method that another thread may call."""
        self._sent_bytes += sum(map(len, messages))
        return list(client_frames(messages)) if self._is_batched else messages

    # -- what the socket did --------------------------------------------------------------------------------------

    def opened(self, *, is_batched: bool) -> None:
        """A socket is open. `is_batched`: it speaks v3."""
        self._is_batched = is_batched

    def receive(self, frame: bytes) -> None:
        """Take a frame.

        Raises:
            BrokenMessage: it holds something that is no message.
            SchemaMismatch: its rows do not have the columns that the bindings know.
            IdentityChanged: the server takes the same token for somebody else.
        """
        try:
            messages = decode_server_messages(unpacked(frame), self._is_batched)
        except DecodeError as error:
            raise BrokenMessage(error.what) from error
        try:
            for message in messages:
                self._HANDLERS[type(message)](self, message)
        except DecodeError as error:
            raise SchemaMismatch(self.database, (f"rows came that do not decode ({error.what})",)) from error

    def lost(self, why: str, error: Exception | None = None) -> None:
        """The socket is gone; another one may come. `error`: ours, when the socket ended by it."""
        was_active, self.is_active = self.is_active, False
        self.frames(self.take_messages())
        kind = ConnectionLost if self.end is None else ConnectionClosed
        loss = error if isinstance(error, SchemaMismatch) else kind("the call got no answer", why)
        self.replica.take_back(self.replica.layers, loss)
        self._requests.fail_all(loss)
        self.replica.release()
        self._sets.lost()
        if was_active:
            self._tell(self.when_lost, error)

    def ended(self, error: StdbctlError) -> None:
        """There will be no socket any more, because of `error`."""
        if self.end is None:
            self.end = error
            is_ours = isinstance(error, ConnectionClosed)
            self.lost(error.what, None if is_ours else error)
            self._sets.close(error)
            self.replica.close()

    def _tell(self, callbacks: dict[Handler, None], *arguments: object) -> None:
        for handler in tuple(callbacks):
            try:
                handler.callback(self.replica.connection, *arguments)
            except Exception as error:
                self.waiting.report(error, f"callback `{getattr(handler.callback, '__qualname__', handler.callback)}`")

    # -- messages -------------------------------------------------------------------------------------------------

    def _initial_connection(self, message: InitialConnection) -> None:
        if self.identity is not None and self.identity != message.identity:
            raise IdentityChanged(self.database, f"the same token was {self.identity} and is now {message.identity}")
        is_back = self.identity is not None
        self.identity, self.connection_id = message.identity, message.connection_id
        self.token = self.token or message.token
        self.is_active = True
        if is_back:
            self._sets.ask_anew(ReconnectEvent())
        else:
            self._sets.ask_all()
        self._tell(self.when_active)

    def _subscribe_applied(self, message: SubscribeApplied) -> None:
        self._sets.applied(message)

    def _unsubscribe_applied(self, message: UnsubscribeApplied) -> None:
        self._sets.unsubscribe_applied(message)

    def _subscription_error(self, message: SubscriptionErrorMessage) -> None:
        self._sets.failed(message)

    def _transaction_update(self, message: TransactionUpdate) -> None:
        self.replica.apply(self.replica.read.of_updates(message.query_sets, self._sets.held), TransactionEvent())

    def _reducer_result(self, message: ReducerResult) -> None:
        request = self._requests.get(message.request_id)
        if isinstance(request, ReducerRequest):
            self._end_reducer(request, message)
        self._requests.close(message.request_id)

    def _end_reducer(self, request: ReducerRequest, message: ReducerResult) -> None:
        call, reducer, args, layer = request
        outcome = message.outcome
        if isinstance(outcome, ReducerOk):
            if outcome.query_sets or layer is not None:
                event = ReducerEvent(reducer.function.accessor, reducer.by_name(args), message.timestamp)
                self.replica.apply(self.replica.read.of_updates(outcome.query_sets, self._sets.held), event, layer)
            self.replica.when_settled(lambda: call.finish(None))
            return
        error: ReducerError | InternalError
        if isinstance(outcome, ReducerErr):
            error = ReducerError(_refusal(outcome.error))
        else:
            error = InternalError(reducer.what, outcome.text)
        if layer is not None:
            self.replica.take_back((layer,), error)
        call.fail(error)

    def _procedure_result(self, message: ProcedureResult) -> None:
        request = self._requests.get(message.request_id)
        if isinstance(request, ProcedureRequest):
            self._end_procedure(request, message)
        self._requests.close(message.request_id)

    def _end_procedure(self, request: ProcedureRequest, message: ProcedureResult) -> None:
        call, procedure = request
        if isinstance(message.outcome, InternalErrorMessage):
            call.fail(InternalError(procedure.what, message.outcome.text))
        else:
            value = procedure.decode(message.outcome)
            self.replica.when_settled(lambda: call.finish(value))

    def _query_result(self, message: OneOffQueryResult) -> None:
        request = self._requests.get(message.request_id)
        if isinstance(request, QueryRequest):
            self._end_query(request, message)
        self._requests.close(message.request_id)

    def _end_query(self, request: QueryRequest, message: OneOffQueryResult) -> None:
        if isinstance(message.result, str):
            request.call.fail(QueryError(request.query, message.result))
            return
        rows: list[Any] = []
        for table, row_list in message.result:
            made = self.replica.read.rows(table, row_list)
            if made is None:
                request.call.fail(QueryError(request.query, f"the bindings have no table `{table}`"))
                return
            rows += made
        request.call.finish(rows)

    _HANDLERS: ClassVar[dict[type, Callable[[Any, Any], None]]] = {  # Any: each takes its own message
        InitialConnection: _initial_connection,
        SubscribeApplied: _subscribe_applied,
        UnsubscribeApplied: _unsubscribe_applied,
        SubscriptionErrorMessage: _subscription_error,
        TransactionUpdate: _transaction_update,
        ReducerResult: _reducer_result,
        ProcedureResult: _procedure_result,
        OneOffQueryResult: _query_result,
    }


def _refusal(error: bytes) -> str:
    """The text of a reducer's error: BSATN of a string, or of something that the protocol does not name."""
    try:
        text: str = _decode_text(error)
    except DecodeError:
        return error.hex()
    return text

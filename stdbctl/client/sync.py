"""The synchronous face: the same names for scripts, notebooks and game loops.

Sockets live in a thread of their own, user code never runs there. What the server sends takes effect when the program
lets it: in `conn.poll()`, once per frame of a game; in whatever waits (`subscribe`, `reducers`, `query`); or, after
`conn.run_in_thread()`, in a second thread as it comes. Every wait has a timeout.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from stdbctl.client.bindings import SyncBindings, require_bindings
from stdbctl.client.calls import Call
from stdbctl.client.connection import CONNECT_SECONDS
from stdbctl.client.endpoint import IDLE_S, Backoff, Endpoint, backoff_of
from stdbctl.client.errors import ServerNotReachable
from stdbctl.client.face import Face
from stdbctl.client.keeper import Keeper
from stdbctl.client.listeners import Handler
from stdbctl.client.optimistic import OptimisticCaller, reducer_accessor
from stdbctl.client.optimistic_layers import Effect
from stdbctl.client.query import Query, QueryLike, TableQuery, query_text, quoted
from stdbctl.client.schema_request import SchemaCheck
from stdbctl.client.sdk_errors import ConnectFailed, ConnectionClosed, NoPlaceToWait
from stdbctl.client.session import Session
from stdbctl.client.socket_thread import Ended, Frame, Happening, Lost, Opened, SocketThread
from stdbctl.client.subscriptions import Subscription
from stdbctl.client.tokens import TokenStore
from stdbctl.client.unpacking import Compression
from stdbctl.errors import StdbctlError

DbT = TypeVar("DbT")
ReducersT = TypeVar("ReducersT")
ProceduresT = TypeVar("ProceduresT")
SyncReducersT = TypeVar("SyncReducersT")
SyncProceduresT = TypeVar("SyncProceduresT")
Row = TypeVar("Row")
T = TypeVar("T")
P = ParamSpec("P")

_LOG = logging.getLogger("stdbctl.client")

POLL_SECONDS = 1.0
"""How long the thread of `run_in_thread` waits for something to take effect before it looks around."""
CALL_SECONDS = 30.0
"""How long a blocking call waits unless it is told otherwise."""


class SyncDbConnection(Face, Generic[DbT, ReducersT, ProceduresT, SyncReducersT, SyncProceduresT]):
    """A connection to a database for code without an event loop; generated code subclasses it.

    `db`: the tables. `reducers`, `procedures`: functions that wait for the answer, at most `call_timeout` seconds.
    `reducers_nowait`, `procedures_nowait`: the same functions, which give a `Call` at once.
    """

    bindings: SyncBindings[DbT, ReducersT, ProceduresT, SyncReducersT, SyncProceduresT]

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        token: str | TokenStore | None,
        backoff: Backoff | None,
        connect_timeout: float,
        call_timeout: float,
        check: SchemaCheck | None,
        on_error: Callable[[BaseException, str], object] | None,
    ) -> None:
        self.call_timeout = call_timeout
        self._waiting = _Waiting(self, on_error)
        session = Session(self.bindings.module, endpoint.database, self._waiting, self._wake)
        super().__init__(endpoint, token, session)
        self._link: Any = None  # Any: a Link of the sockets' thread, only handed back to it
        self._poller: threading.Thread | None = None
        caller = _Caller(session, self._waiting)
        self.db: DbT = self.bindings.db(session.replica)
        self.reducers: SyncReducersT = self.bindings.sync_reducers(caller)
        self.procedures: SyncProceduresT = self.bindings.sync_procedures(caller)
        self.reducers_nowait: ReducersT = self.bindings.reducers(caller)
        self.procedures_nowait: ProceduresT = self.bindings.procedures(caller)
        self._caller = caller
        session.replica.layers.db = self.bindings.db(session.replica.layers)
        self._sockets = SocketThread(
            lambda port: Keeper(endpoint, port, backoff=backoff, connect_timeout_s=connect_timeout, check=check),
            token=lambda: session.token,
            frames=session.frames,
        )

    @classmethod
    def connect(
        cls,
        url: str,
        database: str,
        *,
        token: str | TokenStore | None = None,
        compression: Compression | None = None,
        confirmed_reads: bool | None = None,
        reconnect: Backoff | bool = True,
        check_schema: bool = True,
        connect_timeout: float = CONNECT_SECONDS,
        idle_timeout: float = IDLE_S,
        call_timeout: float = CALL_SECONDS,
        on_error: Callable[[BaseException, str], object] | None = None,
    ) -> Self:
        """Connect to a database and wait until the server has said who we are; options as for DbConnection.

        `call_timeout`: seconds that a blocking call waits. `on_error(error, where)`: told of exceptions in callbacks
        and of failures nobody asked about (default: the logger `stdbctl.client`, which prints them).

        Raises:
            ValueError: an option that no connection can have, such as a `url` that is no server's.
            ServerNotReachable, TokenRefused, NoSuchDatabase, SchemaMismatch, ConnectFailed.
        """
        require_bindings(cls)
        endpoint = Endpoint(
            url=url,
            database=database,
            compression=compression,
            confirmed_reads=confirmed_reads,
            idle_timeout_s=idle_timeout,
        )
        endpoint.check()
        made = cls(
            endpoint,
            token=token,
            backoff=backoff_of(reconnect),
            connect_timeout=connect_timeout,
            call_timeout=call_timeout,
            check=SchemaCheck(cls.bindings.module, endpoint) if check_schema else None,
            on_error=on_error,
        )
        try:
            made.wait_connected(connect_timeout)
        except TimeoutError:
            made.close()
            raise ServerNotReachable(url, "it took too long") from None
        except BaseException:
            made.close()
            raise
        return made

    # -- what the program asks ------------------------------------------------------------------------------------

    def optimistic(self, effect: Callable[[DbT], object]) -> SyncReducersT:
        """Reducers that wait for their answers, and meanwhile show what `effect(db)` writes; see DbConnection."""
        return self.bindings.sync_reducers(OptimisticCaller(self._caller, effect))

    def optimistic_nowait(self, effect: Callable[[DbT], object]) -> ReducersT:
        """The same without waiting, as a game loop wants it. Callbacks hear of the prediction within the call."""
        return self.bindings.reducers(OptimisticCaller(self._caller, effect))

    def predict(self, reducer: Callable[P, object]) -> Callable[[Callable[Concatenate[DbT, P], object]], Handler]:
        """Register what every call of a reducer is predicted to do, as a decorator of `effect(db, *, arguments)`.

        Calls of `reducers` and `reducers_nowait` then show it until their answers are here; see DbConnection.
        """
        predictions = self._session.predictions[reducer_accessor(reducer, self._waiting)]
        return lambda effect: Handler(predictions, effect)

    def subscribe(self, *queries: QueryLike, timeout: float | None = None) -> Subscription:
        """Have the rows of these queries in the cache, and follow them: one query set, all or nothing.

        Raises:
            SubscriptionError: the server refuses one of the queries.
            TimeoutError: it took longer than `timeout` seconds (default: `call_timeout`); it is taken back.
        """
        self._waiting.require("the subscription")
        return self.subscribe_nowait(*queries).result(timeout)

    def subscribe_nowait(self, *queries: QueryLike) -> Call[Subscription]:
        """The same without waiting."""
        if not queries:
            raise TypeError("subscribe() needs at least one query")
        with self._waiting.lock:
            return self._session.subscribe(tuple(query_text(query) for query in queries))

    def subscribe_to_all_tables(self, *, timeout: float | None = None) -> Subscription:
        """Subscribe to every table and view that the bindings know."""
        tables = self.bindings.module.tables
        return self.subscribe(*(f"SELECT * FROM {quoted(table.name)}" for table in tables), timeout=timeout)

    @overload
    def query(self, query: TableQuery[Row, Any] | Query[Row], *, timeout: float | None = None) -> list[Row]: ...
    @overload
    def query(self, query: str, *, timeout: float | None = None) -> list[Any]: ...
    def query(self, query: QueryLike, *, timeout: float | None = None) -> list[Any]:
        """Ask once; the rows do not come into the cache. Raises QueryError, ConnectionLost, TimeoutError."""
        self._waiting.require("the query")
        with self._waiting.lock:
            call = self._session.query(query_text(query))
        return call.result(timeout)

    # -- driving --------------------------------------------------------------------------------------------------

    def poll(self, timeout: float = 0.0) -> int:
        """Let what has come take effect: change rows, tell callbacks, end calls. The number of frames that were there.

        `timeout`: seconds to wait when nothing has come yet; 0 never waits, as a game's frame wants it.
        """
        return self._poll(timeout, lambda: self.is_closed)

    def _poll(self, timeout: float, is_enough: Callable[[], bool]) -> int:
        """`poll`, which waits no longer once `is_enough()`. Threads that do it at once take their turns in order."""
        self._waiting.require("poll()")
        count = self._sockets.wait(timeout, is_enough)
        return self._waiting.inside(lambda: self._take_all(count)) if count else 0

    def _take_all(self, count: int) -> int:
        try:
            for taken in range(count):
                happening = self._sockets.take()
                if happening is None:
                    return taken
                self._take(happening)
        except BaseException:
            # Ctrl-C, say, halfway through a message: a new socket brings the cache up to date by difference.
            self._link = None
            self._sockets.fail(None, InterruptedError("the program was interrupted while messages took effect"))
            raise
        return count

    def run_in_thread(self) -> None:
        """From now on let what comes take effect in a thread of its own; callbacks then run there.

        The thread ends with the connection. A second time does nothing.
        """
        if self._poller is None:
            self._poller = threading.Thread(
                target=self._poll_on, name=f"stdbctl {self._endpoint.database}", daemon=True
            )
            self._poller.start()

    def _poll_on(self) -> None:
        while not self.is_closed:
            self._poll(POLL_SECONDS, lambda: self.is_closed)

    def wait_connected(self, timeout: float | None = None) -> None:
        """Return when the server is there. Raises TimeoutError, or the error by which the connection has ended."""
        self._waiting.wait_until(lambda: self.is_active or self.is_closed, timeout, "the connection")
        if self._session.end is not None:
            raise self._session.end

    def close(self) -> None:
        """Send what waits to be sent, say good-bye, end every call and stream. A second time does nothing."""
        with self._waiting.lock:
            self._wake()
            self._session.ended(ConnectionClosed("the connection was closed", "by this program"))
        self._sockets.close()
        self._waiting.tell()
        poller = self._poller
        if poller is not None and poller is not threading.current_thread():
            poller.join(self.call_timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        messages = self._session.take_messages()
        if messages:
            self._sockets.send(self._link, messages)

    def _take(self, happening: Happening) -> None:
        session = self._session
        match happening:
            case Opened(link, is_batched):
                self._link = link
                session.opened(is_batched=is_batched)
            case Frame(link, data):
                if link is self._link and session.end is None:
                    self._receive(data)
            case Lost(why, error):
                self._link = None
                session.lost(why, error)
            case Ended(error):
                session.ended(error)

    def _receive(self, data: bytes) -> None:
        was_active = self._session.is_active
        try:
            self._session.receive(data)
        except Exception as error:
            link, self._link = self._link, None
            self._sockets.fail(link, error)
            if self._session.identity is None:  # no greeting: what speaks there is no server of ours
                fault = error if isinstance(error, StdbctlError) else ConnectFailed(self._endpoint.url, str(error))
                self._session.ended(fault)
            return
        if not was_active and self._session.is_active:
            self._keep_token()


class _Caller:
    """What generated functions call, from any thread."""

    def __init__(self, session: Session, waiting: "_Waiting") -> None:
        self._session, self._waiting = session, waiting

    def call_reducer(self, name: str, args: tuple[Any, ...], effect: Effect | None = None) -> Call[None]:
        if effect is not None or self._session.predictions[name]:  # callbacks hear of predictions here
            return self._waiting.inside(lambda: self._session.call_reducer(name, args, effect))
        with self._waiting.lock:
            return self._session.call_reducer(name, args)

    def call_procedure(self, name: str, args: tuple[Any, ...]) -> Call[Any]:
        with self._waiting.lock:
            return self._session.call_procedure(name, args)

    def require_waiting(self, what: str) -> None:
        self._session.require_waiting(what)


class _Waiting:
    """Waiting in a thread: by polling, or for the thread that polls."""

    is_async = False

    def __init__(
        self,
        connection: SyncDbConnection[Any, Any, Any, Any, Any],
        on_error: Callable[[BaseException, str], object] | None,
    ) -> None:
        self._connection, self._on_error = connection, on_error
        self.lock = threading.RLock()
        self._changed_lock = threading.Lock()  # entered itself: Ctrl-C within Condition's own `__enter__` would keep it
        self._changed = threading.Condition(self._changed_lock)
        self._pid = os.getpid()
        self.thread = 0
        """Which thread lets things take effect just now."""

    @property
    def is_inside(self) -> bool:
        """Whether this is called by a callback."""
        return self.thread == threading.get_ident()

    def inside(self, action: Callable[[], T]) -> T:
        """Let things take effect in this thread by `action()`; its result. Sound wherever Ctrl-C may strike."""
        try:
            with self.lock:
                outer_thread = self.thread
                try:
                    self.thread = threading.get_ident()
                    return action()
                finally:
                    self.thread = outer_thread
        finally:
            self.tell()

    def tell(self) -> None:
        """Wake every thread that waits."""
        self._connection._sockets.kick()
        with self._changed_lock:
            self._changed.notify_all()

    def require(self, what: str) -> None:
        if self.is_inside:
            raise NoPlaceToWait(what)
        self.require_here(what)

    def require_here(self, what: str) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError(f"{what} has no connection in a forked process; connect anew there")

    def wait_until(self, is_ready: Callable[[], bool], timeout: float | None, what: str) -> None:
        if is_ready():
            return
        self.require(what)
        limit_s = self._connection.call_timeout if timeout is None else timeout
        end = time.monotonic() + limit_s
        while not is_ready():
            remaining_s = min(end - time.monotonic(), threading.TIMEOUT_MAX)
            if remaining_s <= 0:
                raise TimeoutError(f"{what}: no answer in {limit_s:g} s")
            if self._connection._poller is None:
                self._connection._poll(remaining_s, is_ready)
            else:
                with self._changed_lock:
                    self._changed.wait_for(is_ready, remaining_s)

    def report(self, error: BaseException, where: str) -> None:
        if self._on_error is not None:
            try:
                self._on_error(error, where)
                return
            except Exception as raised:  # reporting stops nothing, least of all the message that is being told
                error, where = raised, f"`on_error`, told of: {where}"
        _LOG.error("%s", where, exc_info=error)

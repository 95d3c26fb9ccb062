"""The asynchronous face: a connection on the running event loop.

`async with DbConnection.connect(url, database) as conn`, or `conn = await DbConnection.connect(…)` and later
`await conn.close()`. Everything happens on that loop: one task keeps the socket, callbacks run where frames arrive.
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import nullcontext
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from stdbctl.client.bindings import Bindings, require_bindings
from stdbctl.client.calls import Call
from stdbctl.client.endpoint import IDLE_S, Backoff, Endpoint, backoff_of
from stdbctl.client.errors import ServerNotReachable
from stdbctl.client.face import Face
from stdbctl.client.keeper import Keeper
from stdbctl.client.link import Link
from stdbctl.client.listeners import Handler
from stdbctl.client.optimistic import OptimisticCaller, reducer_accessor
from stdbctl.client.query import Query, QueryLike, TableQuery, query_text, quoted
from stdbctl.client.schema_request import SchemaCheck
from stdbctl.client.sdk_errors import ConnectionClosed
from stdbctl.client.session import Session
from stdbctl.client.subscriptions import Subscription
from stdbctl.client.tokens import TokenStore
from stdbctl.client.unpacking import Compression
from stdbctl.errors import StdbctlError

DbT = TypeVar("DbT")
ReducersT = TypeVar("ReducersT")
ProceduresT = TypeVar("ProceduresT")
Row = TypeVar("Row")
P = ParamSpec("P")
ConnectionT = TypeVar("ConnectionT", bound="DbConnection[Any, Any, Any]")

CONNECT_SECONDS = 10.0
"""How long a connection may take to be made, unless it is told otherwise."""


class Connecting(Generic[ConnectionT]):
    """A connection in the making: await it, or enter it by `async with`, which also closes it."""

    def __init__(self, connection: ConnectionT) -> None:
        self._connection = connection

    def __await__(self) -> Generator[Any, None, ConnectionT]:
        return self._connection._opened().__await__()

    async def __aenter__(self) -> ConnectionT:
        return await self._connection._opened()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()


def _running_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "no running event loop: connect inside `async def main()` and start it by `asyncio.run(main())`,"
            " or use `SyncDbConnection`, which needs none"
        ) from None


class DbConnection(Face, Generic[DbT, ReducersT, ProceduresT]):
    """A connection to a database; generated code subclasses it and says by `bindings` to which module.

    `db`: the tables. `reducers`, `procedures`: one function each, whose calls are sent at once and can be awaited.
    """

    bindings: Bindings[DbT, ReducersT, ProceduresT]

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        token: str | TokenStore | None,
        backoff: Backoff | None,
        connect_timeout: float,
        check: SchemaCheck | None,
        on_error: Callable[[BaseException, str], object] | None,
    ) -> None:
        self._loop = _running_loop()
        self._on_error, self._connect_timeout = on_error, connect_timeout
        self._waiting = _Waiting(self)
        super().__init__(endpoint, token, Session(self.bindings.module, endpoint.database, self._waiting, self._wake))
        self._link: Link | None = None
        self._is_flush_due = False
        self._keeper = Keeper(endpoint, _Port(self), backoff=backoff, connect_timeout_s=connect_timeout, check=check)
        self._task: asyncio.Task[None] | None = None
        self._changed: asyncio.Future[None] = self._loop.create_future()
        self.db: DbT = self.bindings.db(self._session.replica)
        self.reducers: ReducersT = self.bindings.reducers(self._session)
        self.procedures: ProceduresT = self.bindings.procedures(self._session)
        self._session.replica.layers.db = self.bindings.db(self._session.replica.layers)

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
        on_error: Callable[[BaseException, str], object] | None = None,
    ) -> Connecting[Self]:
        """Connect to a database by name or identity.

        `url`: `http://host:port` or `https://…`. `token`: proves an identity; a store (TokenFile) is read first and
        written when a new one came; None: the server makes a new identity. `compression`: of what the server
        sends (default: none on this machine, gzip elsewhere). `confirmed_reads`: whether updates wait until
        they are durable. `reconnect`: how to come back, False: not at all.
        `check_schema`: whether the server's schema is compared with the bindings, at every connection.
        `idle_timeout`: seconds without a word of the server, after which it counts as gone.
        `on_error(error, where)`: told of exceptions in callbacks and of failures nobody asked about (default: the
        loop's exception handler).

        Raises:
            ValueError: an option that no connection can have, such as a `url` that is no server's.
            RuntimeError: no event loop runs.
            ServerNotReachable, TokenRefused, NoSuchDatabase, SchemaMismatch, ConnectFailed: when awaited.
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
            check=SchemaCheck(cls.bindings.module, endpoint) if check_schema else None,
            on_error=on_error,
        )
        return Connecting(made)

    # -- what the program asks --------------------------------------------------------------------------------

    @property
    def reducers_nowait(self) -> ReducersT:
        """The same as `reducers`; in the synchronous face these are the ones that do not wait."""
        return self.reducers

    def optimistic(self, effect: Callable[[DbT], object]) -> ReducersT:
        """Reducers whose calls show at once what `effect(db)` writes, until the answer is here.

        `await conn.optimistic(lambda db: db.point.insert(point)).add_point(…)`. The effect takes the place of what
        `predict` registered. It runs now, and again whenever what it has looked at changes.
        """
        return self.bindings.reducers(OptimisticCaller(self._session, effect))

    def predict(self, reducer: Callable[P, object]) -> Callable[[Callable[Concatenate[DbT, P], object]], Handler]:
        """Register what every call of a reducer is predicted to do, as a decorator of `effect(db, *, arguments)`.

        Calls of `conn.reducers.…` then show it until their answers are here. Any number of effects; each ends with
        `remove()` of the handler that takes the function's place.
        """
        predictions = self._session.predictions[reducer_accessor(reducer, self._waiting)]
        return lambda effect: Handler(predictions, effect)

    def subscribe(self, *queries: QueryLike) -> Call[Subscription]:
        """Have the rows of these queries in the cache, and follow them: one query set, all or nothing.

        Done when the rows are in the cache. Waiting that is cancelled takes the subscription back.

        Raises:
            SubscriptionError: the server refuses one of the queries (when awaited).
            ConnectionClosed: there is no connection any more.
        """
        if not queries:
            raise TypeError("subscribe() needs at least one query")
        return self._session.subscribe(tuple(query_text(query) for query in queries))

    def subscribe_to_all_tables(self) -> Call[Subscription]:
        """Subscribe to every table and view that the bindings know."""
        return self.subscribe(*(f"SELECT * FROM {quoted(table.name)}" for table in self.bindings.module.tables))

    @overload
    def query(self, query: TableQuery[Row, Any] | Query[Row]) -> Call[list[Row]]: ...
    @overload
    def query(self, query: str) -> Call[list[Any]]: ...
    def query(self, query: QueryLike) -> Call[list[Any]]:
        """Ask once; the rows do not come into the cache.

        Raises:
            QueryError: the server cannot answer it (when awaited).
            ConnectionLost: there is no connection at the moment.
        """
        return self._session.query(query_text(query))

    # -- life ------------------------------------------------------------------------------------------------------

    async def wait_connected(self) -> None:
        """Return when the server is there. Raises the error by which the connection has ended."""
        while not self._session.is_active:
            if self._session.end is not None:
                raise self._session.end
            await asyncio.shield(self._changed)

    async def wait_closed(self) -> None:
        """Return when there will be no connection any more, for whatever reason."""
        while self._session.end is None:
            await asyncio.shield(self._changed)

    async def close(self) -> None:
        """Send what waits to be sent, say good-bye, end every call and stream. A second time does nothing."""
        self._flush()
        self._session.ended(ConnectionClosed("the connection was closed", "by this program"))
        self._wake_waiters()
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _opened(self) -> Self:
        """Open the first socket and wait for the identity."""
        if self._task is None and self._session.end is None:
            self._task = self._loop.create_task(
                self._keeper.run(), name=f"stdbctl connection to {self._endpoint.database}"
            )
        try:
            async with asyncio.timeout(self._connect_timeout):
                await self.wait_connected()
        except TimeoutError:
            await self.close()
            raise ServerNotReachable(self._endpoint.url, "it took too long") from None
        except BaseException:
            await self.close()
            raise
        return self

    # -- inside ----------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """There is something to send: once this turn of the loop is over, so that calls made together go together."""
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._link is not None and self._link.can_send:
            self._link.send(self._session.frames(self._session.take_messages()))

    def _wake_waiters(self) -> None:
        changed, self._changed = self._changed, self._loop.create_future()
        changed.set_result(None)

    def _report(self, error: BaseException, where: str) -> None:
        if self._on_error is not None:
            try:
                self._on_error(error, where)
                return
            except Exception as raised:  # reporting stops nothing, least of all the message that is being told
                error, where = raised, f"`on_error`, told of: {where}"
        self._loop.call_exception_handler({"message": where, "exception": error, "connection": self})


class _Port:
    """The keeper's way to the connection."""

    def __init__(self, connection: DbConnection[Any, Any, Any]) -> None:
        self._connection = connection
        self._session = connection._session

    @property
    def token(self) -> str | None:
        return self._session.token

    def opened(self, link: Link, *, is_batched: bool) -> None:
        self._connection._link = link
        self._session.opened(is_batched=is_batched)

    def frame(self, frame: bytes) -> None:
        was_active = self._session.is_active
        self._session.receive(frame)
        if not was_active and self._session.is_active:
            self._connection._keep_token()
            self._connection._wake_waiters()

    def lost(self, why: str, error: Exception | None) -> None:
        self._connection._link = None
        self._session.lost(why, error)
        self._connection._wake_waiters()

    def ended(self, error: StdbctlError) -> None:
        self._session.ended(error)
        self._connection._wake_waiters()

    def ready(self) -> None:
        self._connection._flush()


class _Waiting:
    """Here nobody blocks: calls and streams are awaited."""

    is_async = True
    lock = nullcontext()

    def __init__(self, connection: DbConnection[Any, Any, Any]) -> None:
        self._connection = connection

    def require_here(self, what: str) -> None:
        if _loop_here() is not self._connection._loop:
            raise RuntimeError(
                f"{what} belongs to the loop that the connection was made on; use `asyncio.run_coroutine_threadsafe`"
                " from other threads, or `SyncDbConnection`, which any thread may use"
            )

    def require(self, what: str) -> None:
        raise RuntimeError(f"{what} is not done; await it, because blocking would stop the loop that brings it")

    def wait_until(self, is_ready: Callable[[], bool], timeout: float | None, what: str) -> None:
        self.require(what)

    def report(self, error: BaseException, where: str) -> None:
        self._connection._report(error, where)


def _loop_here() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

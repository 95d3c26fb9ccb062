"""Why rows changed: the event that every row callback sees in its context."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from stdbctl.errors import StdbctlError
from stdbctl.sats import ConnectionId, Identity, Timestamp

if TYPE_CHECKING:
    from stdbctl.client.subscriptions import Subscription

DbT = TypeVar("DbT")
ReducersT = TypeVar("ReducersT")


@dataclass(frozen=True, slots=True)
class ReducerEvent:
    """A reducer that this connection called has committed. `reducer`: its name in Python; `args` by parameter."""

    reducer: str
    args: Mapping[str, object]
    timestamp: Timestamp


@dataclass(frozen=True, slots=True)
class TransactionEvent:
    """Somebody else's transaction; the protocol does not tell whose."""


@dataclass(frozen=True, slots=True)
class SubscribeEvent:
    """A subscription became active and brought its rows."""

    subscription: "Subscription"


@dataclass(frozen=True, slots=True)
class UnsubscribeEvent:
    """A subscription ended and took its rows."""

    subscription: "Subscription"


@dataclass(frozen=True, slots=True)
class SubscriptionErrorEvent:
    """The server ended an active subscription by an error; its rows are gone."""

    subscription: "Subscription"
    error: str


@dataclass(frozen=True, slots=True)
class ReconnectEvent:
    """The connection is back; these are the differences from what the cache held before."""


@dataclass(frozen=True, slots=True)
class PredictionEvent:
    """A reducer was called with a prediction, which is shown until the answer. `reducer`, `args`: as ReducerEvent."""

    reducer: str
    args: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RollbackEvent:
    """Predictions were taken back: the calls failed by `error`. `calls`: one, or all that a lost connection ended."""

    error: StdbctlError
    calls: tuple[PredictionEvent, ...]


Event: TypeAlias = (
    ReducerEvent
    | TransactionEvent
    | SubscribeEvent
    | UnsubscribeEvent
    | SubscriptionErrorEvent
    | ReconnectEvent
    | PredictionEvent
    | RollbackEvent
)


class EventContext(Generic[DbT, ReducersT]):
    """What a callback may look at: `event`, the tables `db`, `reducers` (calls that do not wait) and who we are."""

    __slots__ = ("_connection", "event")

    def __init__(self, connection: Any, event: Event) -> None:  # Any: a face of either kind
        self._connection, self.event = connection, event

    @property
    def db(self) -> DbT:
        """The tables, all changes of this event applied."""
        return self._connection.db  # type: ignore[no-any-return]  # by the connection's own parameters

    @property
    def reducers(self) -> ReducersT:
        """Reducers, called without waiting: each call is sent at once and gives a `Call`."""
        return self._connection.reducers_nowait  # type: ignore[no-any-return]  # as above

    @property
    def identity(self) -> Identity:
        """Who this client is."""
        return self._connection.identity  # type: ignore[no-any-return]  # as above

    @property
    def connection_id(self) -> ConnectionId:
        """Which of the client's connections this is."""
        return self._connection.connection_id  # type: ignore[no-any-return]  # as above

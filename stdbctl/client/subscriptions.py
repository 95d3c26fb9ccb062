"""Subscriptions: what the program holds of a query set."""

import enum
from typing import Protocol

from stdbctl.client.calls import Call
from stdbctl.errors import StdbctlError


class SubscriptionState(enum.Enum):
    """A subscription goes through these in order, and may skip ACTIVE."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class Unsubscriber(Protocol):
    """The connection, as a subscription needs it."""

    def unsubscribe(self, subscription: "Subscription") -> Call[None]:
        """End it."""


class Subscription:
    """One query set: its queries, and whether it is served. Survives reconnections."""

    def __init__(self, unsubscriber: Unsubscriber, queries: tuple[str, ...], call: "Call[Subscription]") -> None:
        self.queries = queries
        self.state = SubscriptionState.PENDING
        self.error: StdbctlError | None = None
        """Why it ended, when the program did not end it."""
        self.call = call
        self.ending: Call[None] | None = None
        self._unsubscriber = unsubscriber

    @property
    def is_active(self) -> bool:
        """Whether its rows are in the cache and followed."""
        return self.state is SubscriptionState.ACTIVE

    @property
    def is_ended(self) -> bool:
        """Whether it is over, by `unsubscribe` or by an error."""
        return self.state is SubscriptionState.ENDED

    def unsubscribe(self) -> Call[None]:
        """End it: rows that no other subscription holds leave the cache. Done when they have."""
        return self._unsubscriber.unsubscribe(self)

    def end(self, error: StdbctlError | None = None) -> None:
        """The connection's to call: it is over."""
        self.state, self.error = SubscriptionState.ENDED, error
        if error is not None:
            self.call.fail(error)
        if self.ending is not None and not self.ending.is_done:
            self.ending.finish(None)

    def __repr__(self) -> str:
        return f"<Subscription {', '.join(self.queries)}: {self.state.value}>"

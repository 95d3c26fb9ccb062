"""The query sets of one connection: which there are, what is asked of the server for them, and what it answers.

They outlive sockets: a new one is asked for all of them again, under new ids.
"""

from collections.abc import Callable

from stdbctl.client.calls import Call
from stdbctl.client.events import Event, SubscribeEvent, SubscriptionErrorEvent, UnsubscribeEvent
from stdbctl.client.replica import Replica
from stdbctl.client.requests import Requests
from stdbctl.client.sdk_errors import SubscriptionError
from stdbctl.client.subscriptions import Subscription, SubscriptionState
from stdbctl.client.waiting import Waiting
from stdbctl.errors import StdbctlError
from stdbctl.protocol import ClientMessage, Subscribe, SubscribeApplied, Unsubscribe, UnsubscribeApplied
from stdbctl.protocol import SubscriptionError as SubscriptionErrorMessage


class QuerySets:
    """`held`: id -> subscription, of those that are wanted. `send(message)` queues a message to the server."""

    def __init__(
        self, replica: Replica, requests: Requests, waiting: Waiting, send: Callable[[ClientMessage], None]
    ) -> None:
        self._replica, self._requests, self._waiting, self._send = replica, requests, waiting, send
        self.held: dict[int, Subscription] = {}
        self._last_id = 0

    # -- what the program asks ------------------------------------------------------------------------------------

    def add(self, subscription: Subscription, *, is_active: bool) -> None:
        """Want one more; `is_active`: ask for it now."""
        subscription.call.when_abandoned(lambda: self._forget(subscription))
        set_id = self._register(subscription)
        if is_active:
            self._ask(set_id, subscription)

    def end(self, subscription: Subscription, *, is_active: bool) -> Call[None]:
        """Want one no more; the same call when it is ending or has ended already."""
        if subscription.ending is None:
            subscription.ending = Call(self._waiting, "the end of the subscription")
            set_id = self._id_of(subscription)
            if set_id is None:
                subscription.ending.finish(None)
            elif is_active:
                self._send(Unsubscribe(self._requests.new_id(), set_id, True))
            else:
                self._forget(subscription)
                subscription.end()
        return subscription.ending

    def _register(self, subscription: Subscription) -> int:
        self._last_id += 1
        self.held[self._last_id] = subscription
        return self._last_id

    def _id_of(self, subscription: Subscription) -> int | None:
        return next((set_id for set_id, held in self.held.items() if held is subscription), None)

    def _forget(self, subscription: Subscription) -> None:
        set_id = self._id_of(subscription)
        if set_id is not None:
            del self.held[set_id]

    def _ask(self, set_id: int, subscription: Subscription) -> None:
        self._send(Subscribe(self._requests.new_id(), set_id, subscription.queries))

    # -- what the socket did --------------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Ask the first socket for what was wanted before it came."""
        for set_id, subscription in self.held.items():
            self._ask(set_id, subscription)

    def ask_anew(self, event: Event) -> None:
        """Ask for every one again, under new ids, and count what they bring from nothing."""
        subscriptions, self.held = list(self.held.values()), {}
        for subscription in subscriptions:
            if subscription.ending is None:
                self._register(subscription)
            else:
                self._replica.when_settled(subscription.end)
        self._replica.recount(set(self.held), event)
        for set_id, subscription in list(self.held.items()):
            self._ask(set_id, subscription)

    def lost(self) -> None:
        """The socket is gone: what was ending has ended."""
        for subscription in list(self.held.values()):
            if subscription.ending is not None:
                self._forget(subscription)
                subscription.end()

    def close(self, error: StdbctlError) -> None:
        """There will be no socket any more."""
        subscriptions, self.held = self.held, {}
        for subscription in subscriptions.values():
            subscription.end(error)

    # -- what the server answers ----------------------------------------------------------------------------------

    def applied(self, message: SubscribeApplied) -> None:
        """The server follows one from now on; these are its rows."""
        subscription = self.held.get(message.query_set_id)
        if subscription is None:
            # Whoever asked has gone: the rows are not wanted, nor are those to come.
            self._send(Unsubscribe(self._requests.new_id(), message.query_set_id, False))
            return
        deltas = self._replica.read.of_rows(message.tables, is_gain=True)
        subscription.state = SubscriptionState.ACTIVE
        self._replica.apply(deltas, SubscribeEvent(subscription))
        if not subscription.call.is_done:
            self._replica.when_settled(lambda: subscription.call.finish(subscription))
        self._replica.answered(message.query_set_id)

    def unsubscribe_applied(self, message: UnsubscribeApplied) -> None:
        """The server follows one no more; these were its rows, if it says."""
        subscription = self.held.get(message.query_set_id)
        if subscription is None:
            return
        lost = None if message.tables is None else self._replica.read.of_rows(message.tables, is_gain=False)
        del self.held[message.query_set_id]
        event = UnsubscribeEvent(subscription)
        if lost is None:
            self._ask_anew_here(event)
        else:
            self._replica.apply(lost, event)
            self._replica.answered(message.query_set_id)
        self._replica.when_settled(subscription.end)

    def failed(self, message: SubscriptionErrorMessage) -> None:
        """The server does not follow one, or not any more."""
        subscription = self.held.pop(message.query_set_id, None)
        if subscription is None:
            return
        was_active = subscription.is_active
        error = SubscriptionError(subscription.queries, message.error)
        is_told = not subscription.call.is_done or subscription.ending is not None
        subscription.end(error)
        if not is_told:
            self._waiting.report(error, "an active subscription")
        is_recounted = self._replica.answered(message.query_set_id)
        if was_active and not is_recounted:
            self._ask_anew_here(SubscriptionErrorEvent(subscription, message.error))

    def _ask_anew_here(self, event: Event) -> None:
        """One is gone and the server did not say which rows were its: count the others anew."""
        for set_id in self.held:
            self._send(Unsubscribe(self._requests.new_id(), set_id, False))
        self.ask_anew(event)

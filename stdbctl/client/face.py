"""What both faces of a connection have in common: who we are, and callbacks for its life."""

from collections.abc import Callable
from typing import Self

from stdbctl.client.endpoint import Endpoint
from stdbctl.client.listeners import Handler
from stdbctl.client.session import Session
from stdbctl.client.tokens import TokenStore, load_token
from stdbctl.sats import ConnectionId, Identity


class Face:
    """The base of DbConnection and SyncDbConnection."""

    def __init__(self, endpoint: Endpoint, token: str | TokenStore | None, session: Session) -> None:
        self._endpoint, self._session = endpoint, session
        self._token_store = None if token is None or isinstance(token, str) else token
        session.token = load_token(token, endpoint)
        session.replica.connection = self

    @property
    def identity(self) -> Identity:
        """Who this client is; the same after every reconnection."""
        assert self._session.identity is not None, "known from the start of a connection"
        return self._session.identity

    @property
    def connection_id(self) -> ConnectionId:
        """Which of the client's connections this is; another one after a reconnection."""
        assert self._session.connection_id is not None, "known from the start of a connection"
        return self._session.connection_id

    @property
    def token(self) -> str:
        """What proves the identity: keep it to be the same again."""
        assert self._session.token is not None, "known from the start of a connection"
        return self._session.token

    @property
    def is_active(self) -> bool:
        """Whether the server is there now."""
        return self._session.is_active

    @property
    def is_closed(self) -> bool:
        """Whether there will be no connection any more."""
        return self._session.end is not None

    def on_connect(self, callback: Callable[[Self], object]) -> Handler:
        """Have `callback(conn)` called whenever the connection is back; the cache is reconciled soon after."""
        return Handler(self._session.when_active, callback)

    def on_disconnect(self, callback: Callable[[Self, Exception | None], object]) -> Handler:
        """Have `callback(conn, error)` called when the connection is lost or closed; None: closed by this program."""
        return Handler(self._session.when_lost, callback)

    def _keep_token(self) -> None:
        """The identity is known: have the store keep its token. That it cannot is no reason to part."""
        if self._token_store is not None:
            try:
                self._token_store.save(self._endpoint.url, self._endpoint.database, self.token)
            except Exception as error:  # a store may be anybody's
                self._session.waiting.report(error, "the token could not be kept")

    def __repr__(self) -> str:
        state = "closed" if self.is_closed else "active" if self.is_active else "away"
        return f"<{type(self).__name__} to {self._endpoint.database} at {self._endpoint.url}: {state}>"

"""Who is connected and subscribed: clients come and go with the module's hooks, and as the disk allows.

connect ─► `client_connected` ─► here ─► disconnect ─► `client_disconnected` ─► gone
                                  ▲ └── a publish shuts out, ends ──► gone      │
                                  └───────── lost: the disk took it back ◄──────┘
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from stdbctl.engine.blocking import FAREWELLS_STOPPED_MAX, tell_farewells_left_out
from stdbctl.engine.deployment import Deployment
from stdbctl.engine.group_commit import NO_EXTRA, Connection, Extra, Pending
from stdbctl.engine.results import Client, Committed, QuerySetRows, Restored
from stdbctl.engine.shut_out import shut_out
from stdbctl.engine.subscriptions import query_rows
from stdbctl.engine.timeline import Timeline
from stdbctl.query import Plan, plan_subscription
from stdbctl.records import EntryKind, OutcomeKind
from stdbctl.sats import ConnectionId, Identity
from stdbctl.schema import Lifecycle, MigrationPlan

Watch = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Given what interrupts a hook: a context in which it runs under a limit."""


class Connections:
    """The connections of one database, in the order of their coming.

    `_seen_offsets`: for clients that subscribed or unsubscribed, the newest offset that they may have seen by that.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline, self._subscriptions = timeline, timeline.subscriptions
        self._clients: dict[Client, Connection] = {}
        self._seen_offsets: dict[Client, int] = {}

    # --- one client ---

    def connect(self, client: Client, identity: Identity, connection_id: ConnectionId) -> Committed:
        """See Database."""
        assert client not in self._clients, "a client connects once"
        connection = Connection(client, identity, connection_id)
        committed = self._run_hook(Lifecycle.ON_CONNECT, connection, Extra(joined=connection))
        if committed.outcome.kind is OutcomeKind.DONE:
            self._add(connection)
        return committed

    def disconnect(self, client: Client) -> Committed:
        """See Database."""
        if client not in self._clients:
            return self._timeline.nothing()
        return self._see_off(self._remove(client))

    def subscribe(
        self, live: Deployment, client: Client, query_set_id: int, queries: Iterable[str], owner: Identity
    ) -> QuerySetRows:
        """See Database."""
        self._subscriptions.check_new(client, query_set_id)
        identity = self._clients[client].identity
        plans = [plan for sql in queries for plan in plan_subscription(sql, live.module, identity, identity == owner)]
        self._subscriptions.add(client, query_set_id, plans, live.table)
        return self._rows(live, client, self._subscriptions.plans(client, query_set_id))

    def unsubscribe(self, live: Deployment, client: Client, query_set_id: int) -> QuerySetRows:
        """See Database."""
        return self._rows(live, client, self._subscriptions.remove(client, query_set_id))

    # --- a publish ---

    def shut_out(self, plan: MigrationPlan, owner: Identity) -> tuple[Client, ...]:
        """Drop the query sets of the clients that cannot stay after a migration, and return them; see `shut_out`."""
        clients = shut_out(plan, self._clients, self._subscriptions, owner)
        for client in clients:
            self._subscriptions.clear_client(client)
        return clients

    def all(self) -> tuple[Connection, ...]:
        """Who is connected, in the order of their coming."""
        return tuple(self._clients.values())

    def forget(self, connections: Iterable[Connection]) -> tuple[Client, ...]:
        """End connections of which a transaction has told the store already, without their hook; return the clients."""
        return tuple([self._remove(connection.client).client for connection in connections])

    # --- a restore, and a restart ---

    def rejoin(self, before: Iterable[tuple[ConnectionId, Identity]]) -> Restored:
        """After a restore: see those off who were connected then, let those in who are now."""
        committed: list[Committed] = []
        here, then = self.all(), tuple(before)
        now = {(connection.connection_id, connection.identity) for connection in here}
        for connection_id, identity in then:
            if (connection_id, identity) not in now:
                committed.append(self._see_off(Connection(None, identity, connection_id)))
        drop, known = [], set(then)
        for client, identity, connection_id in here:
            if (connection_id, identity) in known:
                continue
            joined = self._run_hook(Lifecycle.ON_CONNECT, Connection(None, identity, connection_id), NO_EXTRA)
            committed.append(joined)
            drop += [] if joined.outcome.kind is OutcomeKind.DONE else [client]
        return Restored(committed=tuple(committed), drop=tuple(drop))

    def see_off(
        self, stale: Sequence[tuple[ConnectionId, Identity]], watch: Watch, interrupt: Callable[[], None]
    ) -> None:
        """End the connections that died with the last server, each with its hook, inside of `watch(interrupt)`.

        After `FAREWELLS_STOPPED_MAX` hooks that were stopped the others are left out.
        """
        stopped = 0
        for done, (connection_id, identity) in enumerate(stale, start=1):
            connection = Connection(None, identity, connection_id)
            if stopped == FAREWELLS_STOPPED_MAX:
                self._note_gone(connection)
                continue
            with watch(interrupt):
                stopped += self._see_off(connection).outcome.kind is OutcomeKind.STOPPED
            if stopped == FAREWELLS_STOPPED_MAX:
                tell_farewells_left_out(self._timeline, len(stale) - done)

    # --- a commit that failed ---

    def take_back(self, lost: Iterable[Pending], first: int) -> tuple[Client, ...]:
        """Be as before transactions that are lost, newest first, from the offset `first` on.

        Returns the clients that must be closed, without query sets: those that were shown what is gone, came or went
        meanwhile, or hold bindings of a module that serves no more.
        """
        clients = {client: None for client, offset in self._seen_offsets.items() if offset >= first}
        for pending in lost:
            joined, left, schema = pending.extra.joined, pending.extra.left, pending.extra.schema
            if joined is not None:
                self._clients.pop(joined.client, None)
                self._subscriptions.remove_client(joined.client)
                clients[joined.client] = None
            for connection in left:
                if connection.client is not None:  # else it is of another server's time, or of one that was restored
                    self._add(connection)
                    clients[connection.client] = None
            if schema is not None and pending.deployment is not None:
                clients |= dict.fromkeys(self._clients)
        for client in clients:
            self._subscriptions.clear_client(client)
            self._seen_offsets.pop(client, None)
        return tuple(clients)

    # --- their parts ---

    def _rows(self, live: Deployment, client: Client, plans: Iterable[Plan]) -> QuerySetRows:
        offset = self._seen_offsets[client] = self._timeline.last_offset
        return QuerySetRows(query_rows(plans, live.table), offset)

    def _add(self, connection: Connection) -> None:
        self._clients[connection.client] = connection
        self._subscriptions.add_client(connection.client)

    def _remove(self, client: Client) -> Connection:
        self._subscriptions.remove_client(client)
        self._seen_offsets.pop(client, None)
        return self._clients.pop(client)

    def _see_off(self, connection: Connection) -> Committed:
        """Run the hook; the connection is gone even if that fails. The outcome is the hook's."""
        committed = self._run_hook(Lifecycle.ON_DISCONNECT, connection, Extra(left=(connection,)))
        if committed.outcome.kind is OutcomeKind.DONE:
            return committed
        return self._note_gone(connection)._replace(outcome=committed.outcome)

    def _note_gone(self, connection: Connection) -> Committed:
        """Record that a connection is gone, without its hook."""
        _, identity, connection_id = connection
        extra = Extra(left=(connection,))
        return self._timeline.note(self._timeline.live, identity, connection_id, EntryKind.LIFECYCLE, extra)

    def _run_hook(self, lifecycle: Lifecycle, connection: Connection, extra: Extra) -> Committed:
        client, identity, connection_id = connection
        live = self._timeline.live
        function = None if live is None else live.lifecycle.get(lifecycle)
        if live is None or function is None:
            return self._timeline.note(live, identity, connection_id, EntryKind.LIFECYCLE, extra)
        return self._timeline.run(live, function, b"", (), identity, connection_id, client, EntryKind.LIFECYCLE, extra)

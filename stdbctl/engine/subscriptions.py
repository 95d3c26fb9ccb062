"""Who is subscribed to what: query sets per client, queries shared between them."""

from collections.abc import Callable, Iterable, Iterator

from stdbctl.engine.errors import DuplicateQuerySet, UnknownClient, UnknownQuerySet
from stdbctl.engine.fanout import Groupings, LivePlan, TablePlans
from stdbctl.engine.results import Client, PlanDelta, QuerySetDeltas, UpdateGroup
from stdbctl.engine.table import Table
from stdbctl.query import Plan
from stdbctl.records import RowChanges

Rows = tuple[tuple[str, tuple[bytes, ...]], ...]
"""(table, BSATN rows) per query."""


class Subscriptions:
    """All query sets of one database. Plans with equal keys are one `LivePlan`."""

    def __init__(self) -> None:
        self._sets: dict[Client, dict[int, tuple[LivePlan, ...]]] = {}
        self._live: dict[object, LivePlan] = {}
        self._by_table: dict[int, TablePlans] = {}
        self._groupings = Groupings()

    def add_client(self, client: Client) -> None:
        """Let a client subscribe from now on."""
        self._sets[client] = {}

    def remove_client(self, client: Client) -> None:
        """Drop all query sets of a client, which may not subscribe any more."""
        for set_id in list(self._sets.get(client, ())):
            self._drop(client, set_id)
        self._sets.pop(client, None)

    def clear_client(self, client: Client) -> None:
        """Drop all query sets of a client."""
        for set_id in list(self._sets.get(client, ())):
            self._drop(client, set_id)

    def check_new(self, client: Client, set_id: int) -> None:
        """Raise unless the client is known and its set id is free."""
        sets = self._sets.get(client)
        if sets is None:
            raise UnknownClient(client)
        if set_id in sets:
            raise DuplicateQuerySet(client, set_id)

    def add(self, client: Client, set_id: int, plans: Iterable[Plan], table_of: Callable[[str], Table]) -> None:
        """Register a query set whose plans were made without an error; equal plans of one set count once."""
        self.check_new(client, set_id)
        distinct = {plan.key: plan for plan in plans}
        live_plans = tuple([self._share(plan, table_of(plan.table)) for plan in distinct.values()])
        for live in live_plans:
            live.members[client] = tuple(sorted((*live.members.get(client, ()), set_id)))
            self._groupings.forget(live)
        self._sets[client][set_id] = live_plans

    def remove(self, client: Client, set_id: int) -> tuple[Plan, ...]:
        """Drop a query set and return its plans."""
        sets = self._sets.get(client)
        if sets is None:
            raise UnknownClient(client)
        if set_id not in sets:
            raise UnknownQuerySet(client, set_id)
        plans = self.plans(client, set_id)
        self._drop(client, set_id)
        return plans

    def plans(self, client: Client, set_id: int) -> tuple[Plan, ...]:
        """The plans of a registered query set."""
        return tuple([live.plan for live in self._sets[client][set_id]])

    def clients_of(self, table: str) -> Iterator[Client]:
        """Clients with a query over a table, in the order in which they connected."""
        for client, sets in self._sets.items():
            if any(live.plan.table == table for plans in sets.values() for live in plans):
                yield client

    def fan_out(self, changes: RowChanges, caller: Client | None) -> tuple[QuerySetDeltas, tuple[UpdateGroup, ...]]:
        """Work out what each subscriber must hear about one committed transaction, the caller apart.

        Cost: one pass over the changed rows and one step per client that hears something.
        """
        affected: list[LivePlan] = []
        deltas: list[PlanDelta] = []
        for change in changes:
            plans = self._by_table.get(change.table_id)
            if plans is not None:
                for live, delta in plans.deltas(change):
                    affected.append(live)
                    deltas.append(delta)
        if not affected:
            return (), ()
        return self._groupings.split(affected, deltas, caller)

    def _share(self, plan: Plan, table: Table) -> LivePlan:
        live = self._live.get(plan.key)
        if live is None:
            key = table.codec.order_key(plan.filters[0][0]) if plan.filters else None
            live = self._live[plan.key] = LivePlan(plan, table.table_id, key)
            self._by_table.setdefault(table.table_id, TablePlans()).add(live)
        return live

    def _drop(self, client: Client, set_id: int) -> None:
        for live in self._sets[client].pop(set_id):
            self._groupings.forget(live)
            left = tuple([other for other in live.members[client] if other != set_id])
            if left:
                live.members[client] = left
                continue
            del live.members[client]
            if not live.members:
                self._end(live)

    def _end(self, live: LivePlan) -> None:
        del self._live[live.plan.key]
        plans = self._by_table[live.table_id]
        plans.remove(live)
        if not (plans.whole or plans.filtered or plans.by_column):
            del self._by_table[live.table_id]


def query_rows(plans: Iterable[Plan], table_of: Callable[[str], Table]) -> Rows:
    """The present rows of some plans; plans over empty tables and event tables are left out."""
    found = []
    for plan in plans:
        table = table_of(plan.table)
        if table.rows and not plan.is_event:
            found.append((plan.table, matching_rows(plan, table)))
    return tuple(found)


def matching_rows(plan: Plan, table: Table) -> tuple[bytes, ...]:
    """The present rows of one plan in the order of the table; by an index where the plan's constants allow it."""
    if plan.is_whole_table:
        return table.scan().data
    candidates = table.candidates(plan.filters)
    matches = plan.matches
    return tuple([stored.data for stored in candidates if matches(stored.row)])

"""Who must hear what about one committed transaction.

Cost: one pass over the changed rows. Queries that compare a column with a constant are found by the row's value, so a
thousand `WHERE user_id = …` cost one look-up per changed row; clients with equal updates are grouped, and the grouping
is kept until a subscription of one of its queries comes or goes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from stdbctl.engine.ordering import OrderKey
from stdbctl.engine.results import Client, PlanDelta, QuerySetDeltas, UpdateGroup
from stdbctl.query import Plan
from stdbctl.records import StoredRow, TableChange

_CACHED_GROUPINGS_MAX = 256
"""Combinations of queries whose grouping is kept: a few per reducer and table, far below this in practice."""
_CACHED_COMBINATION_MAX = 16
"""Queries in a combination that is kept: larger ones (many filtered queries hit at once) hardly come twice."""

Template = tuple[tuple[int, tuple[int, ...]], ...]
"""(query set id, positions of its queries among the affected ones): an update without its rows."""


class _Members(NamedTuple):
    """Clients with equal updates; `places` finds one of them when it is the caller and must be left out."""

    template: Template
    clients: tuple[Client, ...]
    places: dict[Client, int]


class LivePlan:
    """One query that somebody is subscribed to, shared by all who are.

    `members`: client -> ids of its query sets with this query, ascending.
    """

    __slots__ = ("members", "order_key", "plan", "table_id")

    def __init__(self, plan: Plan, table_id: int, order_key: OrderKey | None) -> None:
        self.plan, self.table_id = plan, table_id
        self.order_key = order_key
        self.members: dict[Client, tuple[int, ...]] = {}


class TablePlans:
    """The live queries of one table, sorted by how a changed row finds them."""

    __slots__ = ("by_column", "filtered", "whole")

    def __init__(self) -> None:
        self.whole: dict[LivePlan, None] = {}
        self.filtered: dict[LivePlan, None] = {}
        self.by_column: dict[int, tuple[OrderKey, dict[Any, dict[LivePlan, None]]]] = {}

    def add(self, live: LivePlan) -> None:
        """Take up a query."""
        plan = live.plan
        if plan.is_whole_table:
            self.whole[live] = None
        elif plan.filters:
            column, value = plan.filters[0]
            assert live.order_key is not None
            key, plans = self.by_column.setdefault(column, (live.order_key, {}))
            plans.setdefault(key(value), {})[live] = None
        else:
            self.filtered[live] = None

    def remove(self, live: LivePlan) -> None:
        """Drop a query."""
        plan = live.plan
        if plan.is_whole_table:
            del self.whole[live]
        elif plan.filters:
            column, value = plan.filters[0]
            key, plans = self.by_column[column]
            del plans[key(value)][live]
            if not plans[key(value)]:
                del plans[key(value)]
            if not plans:
                del self.by_column[column]
        else:
            del self.filtered[live]

    def deltas(self, change: TableChange) -> Iterator[tuple[LivePlan, PlanDelta]]:
        """The affected queries, each with what changed for it."""
        for live in self.whole:
            plan = live.plan
            yield (
                live,
                PlanDelta(
                    plan.table,
                    plan.is_event,
                    tuple([stored.data for stored in change.inserted]),
                    tuple([stored.data for stored in change.deleted]),
                ),
            )
        for column, (key, plans) in self.by_column.items():
            yield from self._found(change, column, key, plans)
        for live in self.filtered:
            delta = _delta(live, change.inserted, change.deleted)
            if delta is not None:
                yield live, delta

    @staticmethod
    def _found(
        change: TableChange, column: int, key: OrderKey, plans: dict[Any, dict[LivePlan, None]]
    ) -> Iterator[tuple[LivePlan, PlanDelta]]:
        hits: dict[LivePlan, tuple[list[StoredRow], list[StoredRow]]] = {}
        for side, rows in enumerate((change.inserted, change.deleted)):
            for stored in rows:
                for live in plans.get(key(stored.row[column]), ()):
                    hits.setdefault(live, ([], []))[side].append(stored)
        for live, (inserted, deleted) in hits.items():
            delta = _delta(live, inserted, deleted)
            if delta is not None:
                yield live, delta


def _delta(live: LivePlan, inserted: Iterable[StoredRow], deleted: Iterable[StoredRow]) -> PlanDelta | None:
    plan = live.plan
    matches = plan.matches
    new = tuple([stored.data for stored in inserted if matches(stored.row)])
    old = tuple([stored.data for stored in deleted if matches(stored.row)])
    return PlanDelta(plan.table, plan.is_event, new, old) if new or old else None


class Groupings:
    """The groups of clients for combinations of affected queries; dropped when one of them gains or loses a client."""

    __slots__ = ("_cache",)

    def __init__(self) -> None:
        self._cache: dict[tuple[LivePlan, ...], tuple[_Members, ...]] = {}

    def forget(self, live: LivePlan) -> None:
        """Drop what is known of the combinations with this query."""
        for combination in [c for c in self._cache if live in c]:
            del self._cache[combination]

    def split(
        self, affected: list[LivePlan], deltas: list[PlanDelta], caller: Client | None
    ) -> tuple[QuerySetDeltas, tuple[UpdateGroup, ...]]:
        """The caller's own update, and those of all others."""
        own: QuerySetDeltas = ()
        groups: list[UpdateGroup] = []
        for template, clients, places in self._members(tuple(affected)):
            sets = tuple([(set_id, tuple([deltas[i] for i in positions])) for set_id, positions in template])
            place = places.get(caller) if caller is not None else None
            if place is not None:
                own = sets
                clients = clients[:place] + clients[place + 1 :]
            if clients:
                groups.append(UpdateGroup(sets, clients))
        return own, tuple(groups)

    def _members(self, combination: tuple[LivePlan, ...]) -> tuple[_Members, ...]:
        found = self._cache.get(combination)
        if found is None:
            found = _group(combination)
            if len(combination) <= _CACHED_COMBINATION_MAX:
                if len(self._cache) >= _CACHED_GROUPINGS_MAX:
                    self._cache.clear()
                self._cache[combination] = found
        return found


def _group(combination: tuple[LivePlan, ...]) -> tuple[_Members, ...]:
    """Sort the clients of some queries by the template of their update."""
    positions_of: dict[Client, dict[int, list[int]]] = {}
    for position, live in enumerate(combination):
        for client, set_ids in live.members.items():
            sets = positions_of.setdefault(client, {})
            for set_id in set_ids:
                sets.setdefault(set_id, []).append(position)
    clients_of: dict[Template, list[Client]] = {}
    for client, sets in positions_of.items():
        template = tuple([(set_id, tuple(sets[set_id])) for set_id in sorted(sets)])
        clients_of.setdefault(template, []).append(client)
    return tuple(
        _Members(template, tuple(clients), {client: place for place, client in enumerate(clients)})
        for template, clients in clients_of.items()
    )

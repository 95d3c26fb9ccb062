"""Which clients cannot stay after a migration."""

from collections.abc import Mapping

from stdbctl.engine.group_commit import Connection
from stdbctl.engine.results import Client
from stdbctl.engine.subscriptions import Subscriptions
from stdbctl.sats import Identity
from stdbctl.schema import ChangeColumns, MigrationPlan


def shut_out(
    plan: MigrationPlan, clients: Mapping[Client, Connection], subscriptions: Subscriptions, owner: Identity
) -> tuple[Client, ...]:
    """All clients of a plan that breaks them; else those of tables that they cannot decode, or see, any more.

    A type that gained variants is such a change: SpacetimeDB keeps those clients, until a new variant breaks them.
    """
    if plan.breaks_clients:
        return tuple(clients)
    public = {table.name for table in plan.base.tables if table.is_public}
    hidden = {table.name for table in plan.new.tables if not table.is_public and table.name in public}
    unreadable = {step.table for step in plan.steps if isinstance(step, ChangeColumns)}
    return tuple(
        dict.fromkeys(
            client
            for table in sorted(hidden | unreadable)
            for client in subscriptions.clients_of(table)
            if table in unreadable or clients[client].identity != owner
        )
    )

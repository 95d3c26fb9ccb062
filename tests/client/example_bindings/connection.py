"""Connections to databases that run the module."""

from typing import TypeAlias

from stdbctl import client
from stdbctl.client import Bindings, SyncBindings

from .reducers import Procedures, Reducers, SyncProcedures, SyncReducers
from .remote import MODULE
from .tables import Db

EventContext: TypeAlias = client.EventContext[Db, Reducers]


class DbConnection(client.DbConnection[Db, Reducers, Procedures]):
    """A connection for asyncio."""

    bindings = Bindings(module=MODULE, db=Db, reducers=Reducers, procedures=Procedures)


class SyncDbConnection(client.SyncDbConnection[Db, Reducers, Procedures, SyncReducers, SyncProcedures]):
    """A connection for scripts, notebooks and game loops."""

    bindings = SyncBindings(
        module=MODULE,
        db=Db,
        reducers=Reducers,
        procedures=Procedures,
        sync_reducers=SyncReducers,
        sync_procedures=SyncProcedures,
    )

"""Tables, transactions, subscriptions and their fan-out, group commit: one database on one thread (docs/engine.md)."""

from stdbctl.engine.beginning import BegunAnew
from stdbctl.engine.database import Database
from stdbctl.engine.errors import (
    BadArguments,
    BreaksClients,
    CallRefused,
    DropNotNeeded,
    DuplicateQuerySet,
    InitFailed,
    LifecycleCall,
    ModuleChanged,
    NoProgram,
    NoSuchReducer,
    SequenceInUse,
    SubscriptionRefused,
    TableHasRows,
    TransactionClosed,
    UniqueClash,
    UnknownClient,
    UnknownQuerySet,
)
from stdbctl.engine.imports import Exported, Imported, TableCounts
from stdbctl.engine.next_tables import ProgramMismatch, UnreadableRows
from stdbctl.engine.ports import Host, Instance, Log, Prepared, Store
from stdbctl.engine.results import (
    Client,
    Committed,
    Lost,
    PlanDelta,
    Published,
    QueryResult,
    QuerySetDeltas,
    QuerySetRows,
    Restored,
    UpdateGroup,
)
from stdbctl.engine.schedules import Due
from stdbctl.engine.timeline import Clock
from stdbctl.engine.values import same_type

__all__ = [
    "BadArguments",
    "BegunAnew",
    "BreaksClients",
    "CallRefused",
    "Client",
    "Clock",
    "Committed",
    "Database",
    "DropNotNeeded",
    "Due",
    "DuplicateQuerySet",
    "Exported",
    "Host",
    "Imported",
    "InitFailed",
    "Instance",
    "LifecycleCall",
    "Log",
    "Lost",
    "ModuleChanged",
    "NoProgram",
    "NoSuchReducer",
    "PlanDelta",
    "Prepared",
    "ProgramMismatch",
    "Published",
    "QueryResult",
    "QuerySetDeltas",
    "QuerySetRows",
    "Restored",
    "SequenceInUse",
    "Store",
    "SubscriptionRefused",
    "TableCounts",
    "TableHasRows",
    "TransactionClosed",
    "UniqueClash",
    "UnknownClient",
    "UnknownQuerySet",
    "UnreadableRows",
    "UpdateGroup",
    "same_type",
]

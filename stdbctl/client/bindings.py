"""How generated code hands its classes to a connection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from stdbctl.client.callers import Caller
from stdbctl.client.handles import Tables
from stdbctl.client.remote import RemoteModule

DbT = TypeVar("DbT")
ReducersT = TypeVar("ReducersT")
ProceduresT = TypeVar("ProceduresT")


def require_bindings(face: type) -> None:
    """Raise TypeError for a face that no generated code has made a connection of."""
    if not hasattr(face, "bindings"):
        raise TypeError(
            f"`stdbctl.client.{face.__name__}` knows no module; generate bindings with `stdbctl generate --lang python`"
            f" and import `{face.__name__}` from them"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings(Generic[DbT, ReducersT, ProceduresT]):
    """A module with the classes for its tables, reducers and procedures, whose methods give a `Call`."""

    module: RemoteModule
    db: Callable[[Tables], DbT]
    reducers: Callable[[Caller], ReducersT]
    procedures: Callable[[Caller], ProceduresT]


SyncReducersT = TypeVar("SyncReducersT")
SyncProceduresT = TypeVar("SyncProceduresT")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncBindings(Generic[DbT, ReducersT, ProceduresT, SyncReducersT, SyncProceduresT]):
    """The same for the synchronous face: the `sync_` classes wait for the answer."""

    module: RemoteModule
    db: Callable[[Tables], DbT]
    reducers: Callable[[Caller], ReducersT]
    procedures: Callable[[Caller], ProceduresT]
    sync_reducers: Callable[[Caller], SyncReducersT]
    sync_procedures: Callable[[Caller], SyncProceduresT]

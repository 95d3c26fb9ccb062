"""What every request needs: the options, who may do what, the databases, and the hosts that run programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stdbctl.engine import Host, Prepared
from stdbctl.errors import Problem
from stdbctl.records import Program, ProgramKind
from stdbctl.sats import Identity
from stdbctl.server.auth import Authority, Caller
from stdbctl.server.culprit import IMPORT
from stdbctl.server.databases import Databases
from stdbctl.server.gate import HostNames
from stdbctl.server.guard import RunawayGuard
from stdbctl.server.options import ServerOptions


class GuardedHost(Host, Protocol):
    """A host whose import can be stopped."""

    def interrupt(self) -> None:
        """End the import under way: it becomes a problem. From a signal handler, too."""
        ...


@dataclass(frozen=True, slots=True)
class WatchedHost:
    """A host whose imports for one database run under the guard. `place`: see `place_of`."""

    host: GuardedHost
    guard: RunawayGuard
    place: bytes

    def prepare(self, program: Program) -> Prepared | Sequence[Problem]:
        """See Host."""
        with self.guard.watching(self.place, self.host.interrupt, IMPORT):
            return self.host.prepare(program)


@dataclass(frozen=True, slots=True)
class Site:
    """One running server. `operator` may publish; `clock()` gives microseconds since 1970."""

    options: ServerOptions
    authority: Authority
    operator: Caller
    names: HostNames
    databases: Databases
    hosts: Mapping[ProgramKind, GuardedHost]
    guard: RunawayGuard
    clock: Callable[[], int]

    def prepare(self, program: Program, target: Identity | None) -> Prepared | Sequence[Problem]:
        """Compile a program for a database (None: a new one), which imports its module: code runs, so it is guarded."""
        place = (bytes(32) if target is None else target.data) + bytes.fromhex(program.hash)
        return WatchedHost(self.hosts[program.kind], self.guard, place).prepare(program)

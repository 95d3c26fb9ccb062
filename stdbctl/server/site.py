"""What every request needs: the options, who may do what, the databases, and the hosts that run programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stdbctl.engine import Host, Prepared
from stdbctl.errors import Problem
from stdbctl.records import Program, ProgramKind
from stdbctl.server.auth import Authority, Caller
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

    def prepare(self, program: Program) -> Prepared | Sequence[Problem]:
        """Compile a program, which imports its module: code runs, so it is guarded."""
        host = self.hosts[program.kind]
        with self.guard.watching(bytes(32), host.interrupt, "import"):
            return host.prepare(program)

"""What a session is told: whom to deploy to, what to generate, what to run. The command line gives these."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from stdbctl.client.http import ControlClient
from stdbctl.module import Loaded
from stdbctl.project import Project


class Target(Protocol):
    """A project and, through it, a server, a database and a user."""

    @property
    def project(self) -> Project:
        """The project."""
        ...

    @property
    def database(self) -> str:
        """The name to publish under."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether the server is the embedded one of this checkout."""
        ...

    def url(self) -> str:
        """The server's address; a Fault when it is the embedded one and does not run."""
        ...

    def connect(self) -> ControlClient:
        """A new client for the server."""
        ...


class Bindings(Protocol):
    """Client code in one language, for one folder."""

    @property
    def lang(self) -> str:
        """The language's name."""
        ...

    @property
    def out_dir(self) -> Path:
        """Where the files go."""
        ...

    def render(self, loaded: Loaded) -> Mapping[str, str]:
        """The files: path -> text; raises Problems."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCommand:
    """The client's own command, run by the shell in `folder`."""

    run: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """All of it. `client` None: no client is run. `shows_log`: the module's log is followed.

    `may_drop_clients`: a save may disconnect clients whose bindings no longer fit. `has_colors`: the client's command
    may write them, although it writes into a pipe.
    """

    target: Target
    bindings: tuple[Bindings, ...] = ()
    client: ClientCommand | None = None
    shows_log: bool = True
    may_drop_clients: bool = True
    has_colors: bool = False

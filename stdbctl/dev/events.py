"""What happens while `dev` runs, as plain data. The session tells them in order; rendering is somebody else's.

Durations are in seconds. A `Fault` is the world's, a `Problem` the author's.
"""

from dataclasses import dataclass
from pathlib import Path

from stdbctl.codegen import WriteReport
from stdbctl.errors import Problem, StdbctlError
from stdbctl.schema import ModuleDef


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUp:
    """A server answers. `pid` and `data_dir` are known of the embedded one.

    `is_started`: by the session, just now. `is_ours`: it ends with the session. `is_again`: one was lost before.
    """

    url: str
    pid: int | None = None
    data_dir: str | None = None
    is_started: bool = False
    is_ours: bool = False
    is_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLost:
    """The embedded server is gone; it is started again at once."""

    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a version declares that the one before did not: names as declared, sorted.

    `code`: reducers that are declared as before and do something else. `files`: files whose content changed.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One language of bindings on disk."""

    lang: str
    out_dir: Path
    report: WriteReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """A migration function makes the rows of a table anew: `done` of `total`, of which it dropped `dropped`."""

    table: str
    function: str
    done: int
    total: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The module as saved now serves.

    `op`: "created", "updated" or "unchanged" (the database ran it already). `is_first`: the first of this session.
    `is_recovered`: what was saved before was refused. `dropped_clients`: their bindings no longer fit.
    `snapshot`: what was taken before rows were changed, where they were.
    `problems`: why no bindings could be made of it. `warnings`: what serves and should not be kept so.
    Loading and deploying overlap: the parts add up to more than `total_s`, which counts from the moment when the
    change was noticed.
    """

    op: str
    is_first: bool
    is_recovered: bool
    module: ModuleDef
    changes: Changes
    written: tuple[Written, ...]
    dropped_clients: bool
    snapshot: str | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    total_s: float
    load_s: float
    deploy_s: float
    generate_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """What was saved is no module here; whatever served before still does. `total_s` as in Live.

    `is_deployed`: the server, whose surroundings differ, took it all the same.
    """

    problems: tuple[Problem, ...]
    is_deployed: bool = False
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The server refused a module that is right by itself; whatever served before still does.

    `is_schema`: the stored data cannot be brought to the new schema; otherwise `reason` is the server's own.
    `problems`: the same reasons at their places in the sources, where they have some.
    `would_drop_clients`: it only lacks the agreement to disconnect clients whose bindings no longer fit.
    """

    reason: str
    problems: tuple[Problem, ...]
    is_schema: bool
    would_drop_clients: bool
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """The world said no to one step. `retry_s`: when it is tried again by itself; None: at the next save."""

    error: StdbctlError
    retry_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFileRead:
    """stdbctl.toml was saved. `problems`: why the session goes on with what it knew."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Installing:
    """The client's packages are missing or older than the lock file."""

    command: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The client's packages are there."""

    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientStarted:
    """The client's own command runs. `pid`: of the process that keeps it."""

    command: str
    folder: Path
    pid: int
    is_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSaid:
    """One line that the client's command, or the installation of its packages, wrote."""

    line: str
    is_install: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEnded:
    """The client's command, or the installation, ended by itself. `retry_s`: when it runs again; a good save is sooner.

    None: only at the next good save, because it ended without an error.
    """

    command: str
    status: int
    retry_s: float | None
    is_install: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One record of the module's log, as the server's JSON."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Everything that could be started was; from now on saves are waited for. `url`: the server's."""

    module: Path
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The session ends what it started."""


Event = (
    ServerUp
    | ServerLost
    | Rewriting
    | Live
    | Rejected
    | Refused
    | Trouble
    | ProjectFileRead
    | Installing
    | Installed
    | ClientStarted
    | ClientSaid
    | ClientEnded
    | Logged
    | Watching
    | Ending
)

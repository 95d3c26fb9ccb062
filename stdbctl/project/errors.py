"""What can be wrong with a project: mistakes in stdbctl.toml (problems) and a world that says no (faults)."""

from pathlib import Path

from stdbctl.errors import Fault, Problem, Problems

EXAMPLE = 'database = "whiteboard" and module = "module"'


class BadProjectFile(Problems):
    """stdbctl.toml cannot be used; `problems` are all of its mistakes."""


class ProjectFileSyntax(Problem):
    """stdbctl.toml is not TOML."""

    code = "project.syntax"


class UnknownKey(Problem):
    """stdbctl.toml has a key that means nothing."""

    code = "project.unknown_key"


class MissingKey(Problem):
    """stdbctl.toml lacks a key that it must have."""

    code = "project.missing_key"


class WrongValue(Problem):
    """A key of stdbctl.toml has a value of the wrong type or form."""

    code = "project.wrong_value"


class NoProject(Fault):
    """Neither the folder nor any above it holds a stdbctl.toml."""

    code = "project.not_found"

    def __init__(self, start: Path) -> None:
        self.start = start
        super().__init__(
            f"no `stdbctl.toml` in `{start}` or any folder above it",
            why="every command works on a project, and that file marks one",
            fix="go to the project's folder, name it with `--project DIR`, or make a new one with `stdbctl init`",
        )


class ServerAlreadyRuns(Fault):
    """A second server was asked for in one checkout. `url` is None while the first one is still starting."""

    code = "project.server_already_runs"

    def __init__(self, *, url: str | None, pid: int | None) -> None:
        self.url, self.pid = url, pid
        where = f" at {url}" if url else ""
        super().__init__(
            f"this checkout already has a server{where} (pid {pid})" if pid else "this checkout already has a server",
            why="two servers on one data folder would overwrite each other",
            fix="use it, or end it first with `stdbctl stop`",
        )


class PortTaken(Fault):
    """The wanted port is in use on one of the addresses."""

    code = "project.port_taken"

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        self.host, self.port = host, port
        super().__init__(
            f"port {port} of {host} cannot be used",
            why=reason,
            fix="choose another one with `--listen HOST:PORT`, or leave `--listen` out to get a free one",
        )


class NoFreePort(Fault):
    """None of the tried ports is free."""

    code = "project.no_free_port"

    def __init__(self, first: int, last: int) -> None:
        super().__init__(
            f"no free port between {first} and {last}",
            why="each is in use on 127.0.0.1 or ::1",
            fix="end a server that is not needed, or choose a port with `--listen HOST:PORT`",
        )


class BadListenAddress(Fault):
    """The text of `--listen` is no address."""

    code = "project.bad_listen_address"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` is no address to listen on",
            fix="write HOST, HOST:PORT, :PORT or [IPV6]:PORT, such as `127.0.0.1:3000`",
        )


class BadUserName(Fault):
    """The name given for a local user cannot name a file."""

    code = "project.bad_user_name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"`{name}` cannot be the name of a local user",
            why="1 to 64 letters from a to z, digits, `_`, `-` and `.`, beginning with a letter or digit, are expected",
            fix="choose a name such as `--as alice`",
        )


class BrokenStateFile(Fault):
    """A file of the .stdbctl folder does not hold what it should."""

    code = "project.broken_state_file"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"`{path}` is broken", why=reason, fix="remove the file; it is made anew when needed")


class StateNotWritable(Fault):
    """The .stdbctl folder cannot be made or written."""

    code = "project.state_not_writable"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"`{path}` cannot be written", why=reason, fix="check the folder's owner and the free space")


class FolderNotEmpty(Fault):
    """A new project was asked for where something is already. `names`: what is there, sorted."""

    code = "project.folder_not_empty"

    def __init__(self, root: Path, names: tuple[str, ...]) -> None:
        self.root, self.names = root, names
        shown = ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        super().__init__(
            f"`{root}` is not empty: {shown}",
            why="a new project never mixes with other files",
            fix="choose a folder that is empty or does not exist yet",
        )


class CannotCreateProject(Fault):
    """The folder of a new project cannot be made, read or written."""

    code = "project.cannot_create"

    def __init__(self, root: Path, reason: str) -> None:
        self.root = root
        super().__init__(
            f"no project can be made in `{root}`", why=reason, fix="choose another folder, or check its permissions"
        )

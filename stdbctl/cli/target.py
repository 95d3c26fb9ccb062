"""Whom a command talks to: the project, the server, the database and the identity."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stdbctl.cli.failures import UsageFault
from stdbctl.cli.output import note
from stdbctl.errors import Fault
from stdbctl.nearest import did_you_mean
from stdbctl.project import LOCAL, Project, RememberedIdentity

if TYPE_CHECKING:
    from stdbctl.client.http import ControlClient

DEFAULT_USER = "default"
"""Who one is on a server that is not the embedded one, unless `--as` says otherwise."""


class NoServerRuns(Fault):
    """The embedded server of the checkout is needed and does not run."""

    code = "cli.no_server_runs"

    def __init__(self) -> None:
        super().__init__(
            "the embedded server of this project is not running",
            fix="start it with `stdbctl start --detach`; `stdbctl deploy` does so by itself",
        )


class NoOperatorToken(Fault):
    """The embedded server runs, but its owner's token is gone."""

    code = "cli.no_operator_token"

    def __init__(self) -> None:
        super().__init__(
            "`.stdbctl/operator.token` is missing",
            why="it proves that the embedded server is yours",
            fix="run `stdbctl stop` and `stdbctl start --detach`; a start makes it anew",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A project and, through it, a server (`local` or a URL), a database and a user."""

    project: Project
    server: str
    database: str
    user: str | None

    @property
    def is_local(self) -> bool:
        """Whether the server is the embedded one of this checkout."""
        return self.server == LOCAL

    def url(self) -> str:
        """The server's address; faults: NoServerRuns."""
        if not self.is_local:
            return self.server
        record = self.project.state.server()
        if record is None:
            raise NoServerRuns
        return record.url

    def connect(self) -> "ControlClient":
        """A client for the server, as the operator of the embedded one or as the chosen user."""
        from stdbctl.client.http import ControlClient

        url = self.url()
        if self.is_local and self.user is None:
            token = self.project.state.operator_token()
            if token is None:
                raise NoOperatorToken
            return ControlClient(url, token)
        return ControlClient(url, self._remembered(url).token)

    def _remembered(self, url: str) -> RememberedIdentity:
        """The user's identity on this server, made now if it is new or if the embedded server forgot it."""
        from stdbctl.client.http import ControlClient, TokenRefused

        user = self.user or DEFAULT_USER
        book = self.project.state.identities
        known = book.find(self.server, user)
        if known is not None:
            try:
                with ControlClient(url, known.token) as client:
                    client.ping()
                return known
            except TokenRefused:
                if not self.is_local:
                    raise
                book.forget(self.server, user, known)
        with ControlClient(url) as client:
            made = client.create_identity()
        kept = book.keep(self.server, user, RememberedIdentity(identity=made.identity.to_hex(), token=made.token))
        note(f"`{user}` is {'a new' if known is None else 'again a new'} identity: {kept.identity}")
        return kept


def find_project(project: Path | None) -> Project:
    """The project that `--project` names, or the one around the working folder."""
    if project is not None and not project.is_dir():
        raise UsageFault(f"`{project}` is no folder", fix="name the folder that holds the `stdbctl.toml`")
    return Project.find(project if project is not None else Path.cwd())


def find_target(
    project: Path | None, server: str | None = None, user: str | None = None, database: str | None = None
) -> Target:
    """Put the command line and stdbctl.toml together."""
    found = find_project(project)
    chosen = server_named(server) if server is not None else found.config.server
    record = found.state.server() if chosen != LOCAL else None
    if record is not None and record.url == chosen:
        chosen = LOCAL
    return Target(project=found, server=chosen, database=database or found.config.database, user=user)


def one_database(word: str | None, option: str | None) -> str | None:
    """The database that a command line names by a word, or by `--database`; faults: UsageFault for two."""
    if word is not None and option not in (None, word):
        raise UsageFault(f"`{word}` and `{option}` are two databases", fix="name one")
    return word or option


def server_named(text: str) -> str:
    """`local` or the URL that a command line names; faults: UsageFault."""
    if text == LOCAL:
        return LOCAL
    if re.fullmatch(r"https?://[^/\s]+/?", text):
        return text.rstrip("/")
    is_host = re.fullmatch(r"[\w.-]+:\d+|\[[0-9a-fA-F:]+\](:\d+)?", text) is not None
    meant = f"did you mean `http://{text}`?" if is_host else did_you_mean(text, [LOCAL])
    raise UsageFault(f"`{text}` is no server", fix=f"write a URL such as `http://127.0.0.1:3000`; {meant}")

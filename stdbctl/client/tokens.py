"""Keeping tokens, so that a program is the same user tomorrow.

A TokenFile keeps one file per server and database, `<folder>/<host>_<port>/<database>.token`, for its owner alone.
"""

import os
import re
import tempfile
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from stdbctl.client.endpoint import Endpoint

_TOKEN = re.compile("[!-~]([ -~]*[!-~])?")
"""What a header may hold, so that a token cannot end its line; whether the token is good is the server's to say."""


class TokenStore(Protocol):
    """Where tokens are kept; TokenFile is one."""

    def load(self, url: str, database: str) -> str | None:
        """The token for a database, None where there is none."""

    def save(self, url: str, database: str, token: str) -> None:
        """Keep the token of a database."""


class TokenFile:
    """Tokens in files of mode 0600 below `folder` (default: `~/.stdbctl/tokens`), each written whole or not at all."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path.home() / ".stdbctl" / "tokens" if folder is None else folder

    def path(self, url: str, database: str) -> Path:
        """The file of one database."""
        host, port = Endpoint(url=url, database=database).address
        return self.folder / f"{quote(host, safe='')}_{port}" / f"{quote(database, safe='')}.token"

    def load(self, url: str, database: str) -> str | None:
        """The token for a database, None where there is none."""
        try:
            return self.path(url, database).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None

    def save(self, url: str, database: str, token: str) -> None:
        """Keep the token of a database, unless it is kept already."""
        if self.load(url, database) == token:
            return
        path = self.path(url, database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, staged = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(token + "\n")
            os.replace(staged, path)
        except BaseException:
            Path(staged).unlink(missing_ok=True)
            raise

    def forget(self, url: str, database: str) -> None:
        """Be somebody new next time."""
        self.path(url, database).unlink(missing_ok=True)


def load_token(token: str | TokenStore | None, endpoint: Endpoint) -> str | None:
    """The token that a connection begins with. Raises ValueError: it cannot be one, whoever made it."""
    given = token if token is None or isinstance(token, str) else token.load(endpoint.url, endpoint.database)
    if given is not None and not _TOKEN.fullmatch(given):
        raise ValueError("a token is one line of printable ASCII, and this one is not; None makes a new identity")
    return given

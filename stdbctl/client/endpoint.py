"""Where a database is, and how its connections are to be: addresses, options, back-off."""

import random
from dataclasses import dataclass
from typing import get_args
from urllib.parse import quote, urlsplit, urlunsplit

from stdbctl.client.unpacking import Compression, has_brotli

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long to wait before a socket is tried again: `first_s`, doubled each time up to `longest_s`.

    Of each wait a random part, up to `jitter` of it, is left out, so that many clients do not come back at once.
    `attempts_max`: tries in a row before the connection ends; None: no limit.
    """

    first_s: float = 1.0
    longest_s: float = 30.0
    jitter: float = 0.5
    attempts_max: int | None = None

    def is_over(self, attempt: int) -> bool:
        """Whether the attempt of this number, counted from 1, is one too many."""
        return self.attempts_max is not None and attempt > self.attempts_max

    def delay_s(self, attempt: int, chance: random.Random) -> float:
        """The wait before the attempt of this number, counted from 1."""
        whole = min(self.first_s * 2.0 ** min(attempt - 1, 32), self.longest_s)
        return whole * (1.0 - self.jitter * chance.random())


def backoff_of(reconnect: Backoff | bool) -> Backoff | None:
    """What the option `reconnect` means: False: never, True: as a Backoff does unless told otherwise."""
    if isinstance(reconnect, Backoff):
        return reconnect
    return Backoff() if reconnect else None


IDLE_S = 30.0
"""How long a server may say nothing before it counts as gone, unless it is told otherwise; it pings every 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One database on one server. `url`: `http://host:port`, also `https`, `ws` and `wss`; a path in front is kept."""

    url: str
    database: str
    compression: Compression | None = None
    """None: none on this machine, gzip elsewhere."""
    confirmed_reads: bool | None = None
    """Whether the server holds updates back until they are durable; None: as the server likes (it does)."""
    idle_timeout_s: float = IDLE_S
    """How long the server may say nothing; after half of it the client asks by a Ping."""

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken."""
        return urlsplit(self.url).scheme in ("https", "wss")

    def check(self) -> None:
        """Raise ValueError for options that no connection can have, and for brotli that nothing here unpacks."""
        _ = self.address
        if not isinstance(self.database, str) or not self.database:
            raise ValueError(f"the database must be a name or an identity as text, got {self.database!r}")
        if self.compression is not None and self.compression not in get_args(Compression):
            raise ValueError(f"compression must be one of {get_args(Compression)} or None, got {self.compression!r}")
        if not self.idle_timeout_s > 0:
            raise ValueError(f"idle_timeout must be seconds above 0, got {self.idle_timeout_s!r}")
        if self.compression == "brotli" and not has_brotli():
            raise ValueError('compression="brotli" needs the package `brotli` from 1.2 on; install it or use "gzip"')

    @property
    def address(self) -> tuple[str, int]:
        """Host and port. Raises ValueError: the URL has none, or a scheme that is unknown."""
        parts = urlsplit(self.url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise ValueError(f"the server's URL must look like `http://127.0.0.1:3000`, got {self.url!r}")
        return parts.hostname, parts.port or (443 if self.is_secure else 80)

    @property
    def subscribe_url(self) -> str:
        """The WebSocket's address, with its query."""
        compression = self.compression or ("none" if self.is_loopback else "gzip")
        query = f"compression={compression.capitalize()}"
        if self.confirmed_reads is not None:
            query += f"&confirmed={str(self.confirmed_reads).lower()}"
        return self._at("subscribe", _SCHEMES[urlsplit(self.url).scheme], query)

    @property
    def schema_path(self) -> str:
        """The path of the database's schema, with its query."""
        parts = urlsplit(self._at("schema", "http", "version=9"))
        return f"{parts.path}?{parts.query}"

    def _at(self, what: str, scheme: str, query: str) -> str:
        parts = urlsplit(self.url)
        path = f"{parts.path.rstrip('/')}/v1/database/{quote(self.database, safe='')}/{what}"
        return urlunsplit((scheme, parts.netloc, path, query, ""))

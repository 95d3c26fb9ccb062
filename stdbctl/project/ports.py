"""Which addresses and port a server gets: loopback by default, port 3000 or the next free one.

A port counts as free only when both 127.0.0.1 and ::1 are (where the machine has IPv6): browsers and Node resolve
`localhost` to either, and another project's server on the other one would answer in our place.
"""

import contextlib
import errno
import re
import socket
from dataclasses import dataclass

from stdbctl.project.errors import BadListenAddress, NoFreePort, PortTaken

FIRST_PORT = 3000
PORTS_TRIED = 100
"""How many ports are tried from the first on: as many as SpacetimeDB's own server tries."""
BACKLOG = 2048
"""Connections that may wait to be accepted; a page reload of a thousand browsers fits."""
LOOPBACK = ("127.0.0.1", "::1")
_NO_SUCH_ADDRESS = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Where to listen. `host` None means both loopback addresses; `port` None means a kept or free one, 0 any."""

    host: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> "ListenAddress":
        """Read `HOST`, `HOST:PORT`, `:PORT`, `[IPV6]` or `[IPV6]:PORT`; faults: BadListenAddress."""
        match = re.fullmatch(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]\s]*))(?::(?P<port>\d{1,5}))?", text)
        port = int(match["port"]) if match and match["port"] else None
        if match is None or not text or (port or 0) > 65535:
            raise BadListenAddress(text)
        host = match["v6"] or match["host"] or None
        return cls(host=None if host == "localhost" else host, port=port)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The addresses to listen on."""
        return LOOPBACK if self.host is None else (self.host,)

    def open(self, kept: int | None = None) -> list[socket.socket]:
        """Listen here: on the given port, else on the `kept` one, else on the first free one.

        Faults: PortTaken for a given port or a bad host, NoFreePort.
        """
        if self.port is not None:
            return listen_on(self.hosts, self.port)
        if kept is not None:
            with contextlib.suppress(PortTaken):
                return listen_on(self.hosts, kept)
        return listen_on_first_free(self.hosts)


def listen_on(hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    """Listen with one socket per host on `port` (0 = any, the same for all).

    Addresses that the machine does not have are left out while another one is left. Faults: PortTaken.
    """
    with contextlib.ExitStack() as undo:
        bound: list[socket.socket] = []
        for position, host in enumerate(hosts):
            try:
                bound.append(undo.enter_context(_listen(host, port)))
            except OSError as error:
                is_last = position == len(hosts) - 1
                if error.errno in _NO_SUCH_ADDRESS and len(hosts) > 1 and (bound or not is_last):
                    continue
                raise PortTaken(host=host, port=port, reason=error.strerror or str(error)) from error
            port = bound[-1].getsockname()[1]
        undo.pop_all()
        return bound


def listen_on_first_free(hosts: tuple[str, ...], first: int = FIRST_PORT) -> list[socket.socket]:
    """Listen on `first` or the next port that is free on all hosts; faults: NoFreePort, PortTaken for a bad host."""
    last = min(first + PORTS_TRIED - 1, 65535)
    for port in range(first, last + 1):
        try:
            return listen_on(hosts, port)
        except PortTaken as fault:
            cause = fault.__cause__
            if not isinstance(cause, OSError) or cause.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise NoFreePort(first, last)


def is_free(port: int) -> bool:
    """Whether both loopback addresses have this port free right now."""
    try:
        sockets = listen_on(LOOPBACK, port)
    except PortTaken:
        return False
    for bound in sockets:
        bound.close()
    return True


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(BACKLOG)  # two sockets with SO_REUSEADDR may share a port until one of them listens
    except OSError:
        bound.close()
        raise
    return bound

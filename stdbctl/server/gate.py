"""Who may ask at all: the `Host` check against DNS rebinding, the `Origin` check for what changes code, and CORS.

- `Host` is compared by name, never by port, with the loopback names, the addresses listened on and `allowed_hosts`.
- Everything under /v1 may be called from any origin, as in SpacetimeDB, except publish, delete, rename, logs and
  SQL writes: there any `Origin` but the server's own is refused, so that no web page can run code here.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stdbctl.server.refusal import Refusal

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})
CORS_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "authorization,accept,content-type",
}


class HostNames:
    """The names by which this server may be called."""

    def __init__(self, listen_hosts: Iterable[str], allowed_hosts: Iterable[str]) -> None:
        hosts = frozenset(host.lower() for host in listen_hosts)
        self._names = _LOOPBACK_NAMES | hosts | {host.lower() for host in allowed_hosts}
        # Rebinding needs a name that an attacker's DNS answers for; an address cannot be rebound.
        self._takes_addresses = bool(hosts & _ANY_ADDRESS)

    def check(self, host: str | None) -> None:
        """Refuse a request whose `Host` is none of ours; Refusal 403."""
        name = host_name(host or "")
        if name in self._names or (self._takes_addresses and _is_address(name)):
            return
        raise Refusal(
            403,
            f"Host `{name}` is not a name of this server: use localhost or the address it listens on, "
            "or start it with that name among its allowed hosts",
        )


def host_name(host: str) -> str:
    """The name in a `Host` header, without port and brackets, lower case; "" when it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def check_origin(headers: Mapping[str, str], action: str) -> None:
    """Refuse `action` to a web page of another origin; Refusal 403. Programs send no `Origin`."""
    origin = headers.get("origin")
    if origin is None:
        return
    host = headers.get("host", "").lower()
    if origin.lower() not in (f"http://{host}", f"https://{host}"):
        raise Refusal(403, f"Origin `{origin}` may not {action}: only this server's own pages and programs may")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Gate:
    """ASGI middleware around every HTTP route: checks `Host`, answers preflights, adds CORS headers."""

    def __init__(self, app: ASGIApp, names: HostNames) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._names.check(_header(scope, b"host"))
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        if not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Refusal(200, "", headers=CORS_HEADERS).response()(scope, receive, send)
        else:
            await self._app(scope, receive, _with_cors(send))


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def _with_cors(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"access-control-allow-origin", b"*")]
        await send(message)

    return sender

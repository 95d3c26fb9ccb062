"""Deciding about a WebSocket upgrade: host, credentials, database, query string, sub-protocol, in this order."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.headers import parse_subprotocol
from websockets.http11 import Request

from stdbctl.protocol import V2_PROTOCOL, V3_PROTOCOL
from stdbctl.sats import ConnectionId
from stdbctl.server.callers import caller_of, new_connection_id
from stdbctl.server.client import Client
from stdbctl.server.refusal import Refusal
from stdbctl.server.site import Site
from stdbctl.server.websocket import Peer, WebSocket

SUBPROTOCOLS = {V3_PROTOCOL: 3, V2_PROTOCOL: 2}
"""In the order in which the server prefers them, whatever the client's order is."""
_PATH = re.compile(r"/v1/database/([^/]+)/subscribe")
_COMPRESSIONS = ("None", "Brotli", "Gzip")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Wishes:
    """The query string of a subscribe request, checked."""

    connection_id: ConnectionId
    is_confirmed: bool


class SubscribeDoor:
    """Lets clients in. The `Door` of stdbctl.server.websocket."""

    def __init__(self, site: Site) -> None:
        self._site = site
        options = site.options
        self.ping_every_s, self.idle_s, self.stall_s = options.ping_every_s, options.idle_s, options.stall_s

    def admit(self, request: Request, socket: WebSocket) -> tuple[Peer, str, dict[str, str]]:
        """Make the client of one upgrade request; Refusal says why not."""
        self._site.names.check(_one(request.headers, "Host"))
        url = urlsplit(request.path)
        match = _PATH.fullmatch(url.path)
        if match is None:
            raise Refusal(404, "no WebSocket is served at this path: use /v1/database/NAME/subscribe")
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
        authority = self._site.authority
        caller = caller_of(authority, _one(request.headers, "Authorization"), parameters.get("token"))
        caller = caller or authority.mint()
        wishes = _wishes(parameters)
        hosted = self._site.databases.find(unquote(match[1]))
        subprotocol = _choose(request.headers)
        client = Client(
            hosted,
            socket,
            caller=caller,
            connection_id=wishes.connection_id,
            version=SUBPROTOCOLS[subprotocol],
            is_confirmed=wishes.is_confirmed,
        )
        identity_headers = {"spacetime-identity": caller.identity.to_hex(), "spacetime-identity-token": caller.token}
        return client, subprotocol, identity_headers

    def enter(self, peer: Peer) -> None:
        """The 101 is out: from now on the client counts."""
        assert isinstance(peer, Client)
        peer.enter()


def _choose(headers: Headers) -> str:
    try:
        offered = {name for value in headers.get_all("Sec-WebSocket-Protocol") for name in parse_subprotocol(value)}
    except InvalidHeader as error:
        raise Refusal(400, str(error)) from error
    chosen = next((name for name in SUBPROTOCOLS if name in offered), None)
    if chosen is None:
        raise Refusal(400, "no valid protocol selected")
    return chosen


def _wishes(parameters: dict[str, str]) -> Wishes:
    compression = parameters.get("compression", "Brotli")
    if compression not in _COMPRESSIONS:
        raise _bad_query("compression", compression, "`None`, `Brotli` or `Gzip`")
    _boolean(parameters, "light", False)
    return Wishes(
        connection_id=_connection_id(parameters.get("connection_id")),
        is_confirmed=_boolean(parameters, "confirmed", True),
    )


def _connection_id(text: str | None) -> ConnectionId:
    if text is None:
        return new_connection_id()
    try:
        connection_id = ConnectionId.from_hex(text)
    except ValueError:
        raise _bad_query("connection_id", text, "32 hex digits") from None
    if connection_id == ConnectionId.zero():
        raise Refusal(400, "Invalid connection ID: the all-zeros ConnectionId is reserved.")
    return connection_id


def _boolean(parameters: dict[str, str], name: str, default: bool) -> bool:
    text = parameters.get(name)
    if text is None:
        return default
    if text not in _BOOLEANS:
        raise _bad_query(name, text, "`true` or `false`")
    return _BOOLEANS[text]


def _bad_query(name: str, given: str, expected: str) -> Refusal:
    return Refusal(400, f"Failed to deserialize query string: {name}: expected {expected}, got `{given}`")


def _one(headers: Headers, name: str) -> str | None:
    values = headers.get_all(name)
    if len(values) > 1:
        raise Refusal(400, f"header `{name}` is given {len(values)} times")
    return values[0] if values else None

"""HTTP routes about identities and the server itself."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from stdbctl.sats import Identity
from stdbctl.server.callers import required
from stdbctl.server.names import as_identity
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import caller_in, open_route
from stdbctl.server.site import Site

VERSION = "2.8.3"
"""The SpacetimeDB version whose API this is."""


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [
        open_route(site, "GET", "/v1/ping", ping),
        open_route(site, "GET", "/v1/health", health),
        open_route(site, "POST", "/v1/identity", create_identity),
        open_route(site, "GET", "/v1/identity/public-key", public_key),
        open_route(site, "POST", "/v1/identity/websocket-token", websocket_token),
        open_route(site, "GET", "/v1/identity/{identity}/verify", verify),
        open_route(site, "GET", "/v1/identity/{identity}/databases", databases),
    ]


async def ping(site: Site, request: Request) -> Response:
    """200, empty; a token is checked if there is one."""
    caller_in(site, request)
    return Response()


async def health(_site: Site, _request: Request) -> Response:
    """What SpacetimeDB's own monitoring reads."""
    return JSONResponse(
        {"nodes": [0], "package_name": "spacetimedb-client-api", "schedulable": True, "version": VERSION}
    )


async def create_identity(site: Site, _request: Request) -> Response:
    """A new identity and the token that proves it."""
    caller = site.authority.mint()
    return JSONResponse({"identity": caller.identity.to_hex(), "token": caller.token})


async def public_key(site: Site, _request: Request) -> Response:
    """The key that tokens can be checked with."""
    return Response(site.authority.public_pem, media_type="application/pem-certificate-chain")


async def websocket_token(site: Site, request: Request) -> Response:
    """The caller's identity in a token that is good for 60 seconds."""
    caller = required(caller_in(site, request))
    return JSONResponse({"token": site.authority.short_lived(caller).token})


async def verify(site: Site, request: Request) -> Response:
    """204 when the token is the identity's, 400 when it is another's."""
    identity = _identity(request)
    caller = required(caller_in(site, request))
    return Response(status_code=204 if caller.identity == identity else 400)


async def databases(site: Site, request: Request) -> Response:
    """The databases that an identity owns."""
    owner = _identity(request)
    owned = [hosted.database.identity.to_hex() for hosted in site.databases if hosted.database.owner == owner]
    return JSONResponse({"identities": owned})


def _identity(request: Request) -> Identity:
    text = request.path_params["identity"]
    identity = as_identity(text)
    if identity is None:
        raise Refusal(400, f"Invalid URL: an identity is 64 hex digits, got `{text}`")
    return identity

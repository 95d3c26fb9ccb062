"""Starlette routes from plain functions: who is calling is settled before, refusals and headers are settled after."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stdbctl.errors import StdbctlError
from stdbctl.sats import Identity
from stdbctl.server import limits
from stdbctl.server.auth import Caller
from stdbctl.server.callers import caller_of
from stdbctl.server.commits import NotStored
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.refusal import Refusal
from stdbctl.server.site import Site

_LOGGER = logging.getLogger("stdbctl.server")
Handler = Callable[[Site, Request], Awaitable[Response]]
CalledHandler = Callable[[Site, Request, Caller], Awaitable[Response]]


def open_route(site: Site, method: str, path: str, handler: Handler) -> Route:
    """A route that asks nobody's name (it may look at the credentials itself)."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(site, request)
        except Refusal as refusal:
            return refusal.response()

    return Route(path, endpoint, methods=[method])


def called_route(site: Site, method: str, path: str, handler: CalledHandler) -> Route:
    """A route under /v1/database: who sends no token gets a new identity; each answer names identity and token."""

    async def endpoint(request: Request) -> Response:
        try:
            caller = caller_in(site, request) or site.authority.mint()
        except Refusal as refusal:
            return refusal.response()
        response = await _answer(site, request, caller, handler)
        response.headers["spacetime-identity"] = caller.identity.to_hex()
        response.headers["spacetime-identity-token"] = caller.token
        return response

    return Route(path, endpoint, methods=[method])


def must_operate(site: Site, caller: Caller, database: Identity, action: str) -> None:
    """Refusal 403 unless the caller is the operator of this server."""
    if caller.identity != site.operator.identity:
        raise not_owner(caller, database, action)


async def _answer(site: Site, request: Request, caller: Caller, handler: CalledHandler) -> Response:
    try:
        return await handler(site, request, caller)
    except Refusal as refusal:
        return refusal.response()
    except NotStored as error:
        return PlainTextResponse(str(error), 500)
    except asyncio.CancelledError:
        # Requests are cancelled when the server has waited for them long enough: they end here all the same.
        return PlainTextResponse("the server is shutting down: look again whether it was carried out", 503)
    except StdbctlError as error:
        _LOGGER.exception("%s failed", request.url.path)
        return PlainTextResponse(str(error), 500)


def caller_in(site: Site, request: Request) -> Caller | None:
    """The caller that the request's credentials prove, None without any; Refusal."""
    return caller_of(site.authority, request.headers.get("authorization"), request.query_params.get("token"))


def must_own(hosted: HostedDatabase, caller: Caller, action: str) -> None:
    """Refusal 403 unless the database is the caller's."""
    if not hosted.is_owner(caller.identity):
        raise not_owner(caller, hosted.database.identity, action)


def not_owner(caller: Caller, database: Identity, action: str) -> Refusal:
    """403 in SpacetimeDB's words."""
    return Refusal(403, f"{caller.identity} is not authorized to perform action on database {database}: {action}")


async def body_of(request: Request, bytes_max: int = limits.BODY_BYTES) -> bytes:
    """The whole body; Refusal 413 when it is larger than allowed, 408 when it takes too long to come."""
    limit_s: float = request.app.state.request_s
    try:
        async with asyncio.timeout(limit_s):
            return await _whole_body(request, bytes_max)
    except TimeoutError:
        raise Refusal(
            408, f"the request's body did not come within {limit_s:g} s", headers={"connection": "close"}
        ) from None


async def _whole_body(request: Request, bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > bytes_max:
            raise Refusal(413, f"length limit exceeded: at most {bytes_max} bytes are taken here")
        chunks.append(chunk)
    return b"".join(chunks)


async def text_of(request: Request) -> str:
    """The body as text; Refusal 400 when it is not UTF-8."""
    try:
        return (await body_of(request)).decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, f"Request body didn't contain valid UTF-8: {error}") from error


def flag_of(request: Request, name: str, default: bool) -> bool:
    """A boolean of the query string; Refusal 400."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text not in ("true", "false"):
        raise bad_query(name, text, "`true` or `false`")
    return text == "true"


def number_of(request: Request, name: str, most: int) -> int | None:
    """A number of the query string, or None; Refusal 400."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text) > most:
        raise bad_query(name, text, f"a number from 0 to {most}")
    return int(text)


def bad_query(name: str, given: str, expected: str) -> Refusal:
    """400 for a query string that cannot be read."""
    return Refusal(400, f"Failed to deserialize query string: {name}: expected {expected}, got `{given}`")


def plain_error(_request: Request, error: Exception) -> Response:
    """What Starlette itself refuses (unknown path, wrong method), as plain text."""
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)


async def failed(request: Request, error: Exception) -> Response:
    """A mistake of the server's own: whoever asked hears no more than that, and the server's log has the traceback."""
    # The path alone: a query may carry a token.
    _LOGGER.error("%s %s failed inside the server", request.method, request.url.path, exc_info=error)
    return PlainTextResponse("Internal Server Error", 500)

"""From a request's credentials to its caller, and the ids of its connections."""

import os

from stdbctl.sats import ConnectionId
from stdbctl.server.auth import Authority, Caller, InvalidToken
from stdbctl.server.refusal import Refusal


def caller_of(authority: Authority, authorization: str | None, query_token: str | None) -> Caller | None:
    """Check the `Authorization` header, else the `token` of the query; None without either; Refusal 400 or 401."""
    token = query_token
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip() or not token.isascii():
            raise Refusal(400, "Authorization is invalid: malformed token")
        token = token.strip()
    if token is None:
        return None
    try:
        return authority.check(token)
    except InvalidToken as fault:
        raise Refusal(401, str(fault)) from fault


def required(caller: Caller | None) -> Caller:
    """The caller of a route that needs one; Refusal 401."""
    if caller is None:
        raise Refusal(401, "Authorization required")
    return caller


def new_connection_id() -> ConnectionId:
    """A random connection id; never zero, which means "none"."""
    data = bytes(16)
    while not any(data):
        data = os.urandom(16)
    return ConnectionId(data)

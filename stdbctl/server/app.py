"""The HTTP side: every route, behind the gate."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from stdbctl.server import (
    http_call,
    http_data,
    http_database,
    http_history,
    http_identity,
    http_logs,
    http_publish,
    http_snapshots,
    page,
)
from stdbctl.server.gate import Gate
from stdbctl.server.routing import failed, plain_error
from stdbctl.server.site import Site

_ROOMS = (
    http_identity,
    http_database,
    http_publish,
    http_call,
    http_logs,
    http_history,
    http_snapshots,
    http_data,
    page,
)


def make_app(site: Site) -> ASGIApp:
    """The ASGI application of one server; WebSocket upgrades never reach it."""
    routes = [route for room in _ROOMS for route in room.routes(site)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: plain_error, Exception: failed})
    app.router.redirect_slashes = False
    app.state.request_s = site.options.request_s
    return Gate(app, site.names)

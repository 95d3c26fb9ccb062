"""HTTP route that reads and follows a database's log."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute

from stdbctl.server import limits
from stdbctl.server.auth import Caller
from stdbctl.server.gate import check_origin
from stdbctl.server.routing import called_route, flag_of, must_own, number_of
from stdbctl.server.site import Site

_U32_MAX = 0xFFFF_FFFF


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [called_route(site, "GET", "/v1/database/{db}/logs", logs)]


async def logs(site: Site, request: Request, caller: Caller) -> StreamingResponse:
    """NDJSON: the last `num_lines` lines, or all; with `follow=true` also what comes, until the client leaves."""
    check_origin(request.headers, "read logs")
    hosted = site.databases.find(request.path_params["db"])
    must_own(hosted, caller, "view module logs")
    count = number_of(request, "num_lines", _U32_MAX)
    if flag_of(request, "follow", False):
        lines = hosted.journal.follow(min(count or 0, limits.LOG_FOLLOW_BACKLOG))
    else:
        lines = _once(hosted.journal.tail(count))
    return StreamingResponse(lines, media_type="application/x-ndjson", headers={"cache-control": "no-cache"})


async def _once(text: str) -> AsyncIterator[str]:
    yield text

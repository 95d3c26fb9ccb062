"""The one page at `/`: which databases this server has, and where to reach them."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from stdbctl.server.routing import open_route
from stdbctl.server.site import Site

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48rem;margin:3rem auto;padding:0 1rem}"
    "td,th{padding:.2rem 1rem .2rem 0;text-align:left}code{font-size:.9em}"
)
_HEADERS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'", "cache-control": "no-store"}


def routes(site: Site) -> list[BaseRoute]:
    """The route."""
    return [open_route(site, "GET", "/", page)]


async def page(site: Site, request: Request) -> Response:
    """Plain HTML without script."""
    host = escape(request.headers["host"])
    rows = [_row(host, ", ".join(record.names), record.identity.to_hex()) for record in site.databases.records()]
    databases = (
        f"<table><tr><th>Name</th><th>Address</th></tr>{''.join(rows)}</table>"
        if rows
        else "<p>No database yet: <code>stdbctl deploy</code> publishes one.</p>"
    )
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>stdbctl</title><style>{_STYLE}</style>'
        f"<h1>stdbctl</h1><p>This server speaks SpacetimeDB's WebSocket protocol and HTTP API at "
        f"<code>http://{host}</code>.</p><h2>Databases</h2>{databases}"
        "<p><code>stdbctl describe</code> shows a schema, <code>stdbctl logs -f</code> a log, "
        "<code>stdbctl sql</code> the rows.</p></html>\n",
        headers=_HEADERS,
    )


def _row(host: str, names: str, identity: str) -> str:
    name = escape(names or identity)
    target = escape(names.split(", ")[0] or identity)
    return (
        f"<tr><td>{name}</td><td><code>ws://{host}/v1/database/{target}/subscribe</code><br>"
        f"<code>{identity}</code></td></tr>"
    )

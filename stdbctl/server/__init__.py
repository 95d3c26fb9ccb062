"""The embedded server: SpacetimeDB's WebSocket protocol and HTTP API over one asyncio process. See docs/server.md.

Light to import: the process that serves loads the rest.
"""

from stdbctl.server.foreground import ForegroundServer
from stdbctl.server.options import ServerOptions
from stdbctl.server.supervisor import run

__all__ = ["ForegroundServer", "ServerOptions", "run"]

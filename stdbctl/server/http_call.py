"""HTTP route that calls a reducer: a connection of its own that lasts for one call."""

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from stdbctl.engine import BadArguments, Committed, LifecycleCall, NoSuchReducer
from stdbctl.records import OutcomeKind
from stdbctl.sats import ConnectionId, JsonError, loads
from stdbctl.server.auth import Caller
from stdbctl.server.callers import new_connection_id
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import called_route, text_of
from stdbctl.server.site import Site

REDUCER_FAILED = 530


@dataclass(frozen=True, slots=True, eq=False)
class Visitor:
    """The client of one HTTP call, as the engine knows it."""

    caller: Caller
    connection_id: ConnectionId


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [called_route(site, "POST", "/v1/database/{db}/call/{function}", call)]


async def call(site: Site, request: Request, caller: Caller) -> Response:
    """Run a reducer between client_connected and client_disconnected; 200, or 530 with the reducer's own text."""
    hosted = site.databases.find(request.path_params["db"])
    arguments = await _arguments(request)
    name = request.path_params["function"]
    hosted.outage.check()
    visitor = Visitor(caller, new_connection_id())
    await hosted.free()
    began = time.perf_counter()
    try:
        committed = hosted.run(name, lambda: _visit(hosted, visitor, name, arguments))
    finally:
        # The connection came and went whatever became of the call: nobody may read of it before it is on disk.
        await hosted.durable()
    micros = round((time.perf_counter() - began) * 1_000_000)
    is_done = committed.outcome.kind is OutcomeKind.DONE
    return PlainTextResponse(
        "" if is_done else committed.outcome.text,
        200 if is_done else REDUCER_FAILED,
        headers={"spacetime-energy-used": "0", "spacetime-execution-duration-micros": str(micros)},
    )


def _visit(hosted: HostedDatabase, visitor: Visitor, name: str, arguments: object) -> Committed:
    database, identity = hosted.database, visitor.caller.identity
    hosted.guard.name("client_connected")
    welcome = database.connect(visitor, identity, visitor.connection_id)
    if welcome.outcome.kind is not OutcomeKind.DONE:
        raise Refusal(403, welcome.outcome.text)
    hosted.fan_out(welcome.groups)
    hosted.guard.name(name)
    try:
        committed = database.call_json(
            name,
            arguments,
            identity=identity,
            connection_id=visitor.connection_id,
            client=visitor,
            is_owner=hosted.is_owner(identity),
        )
    except NoSuchReducer as error:
        raise Refusal(404, "No such procedure") from error
    except (LifecycleCall, BadArguments) as error:
        raise Refusal(400, str(error)) from error
    else:
        hosted.fan_out(committed.groups)
        return committed
    finally:
        hosted.guard.name("client_disconnected")
        hosted.fan_out(database.disconnect(visitor).groups)


async def _arguments(request: Request) -> object:
    content_type = request.headers.get("content-type")
    if content_type is None:
        raise Refusal(400, "Header of type `content-type` was missing")
    if content_type != "application/json":
        raise Refusal(415, "Expected request with `Content-Type: application/json`")
    text = await text_of(request)
    try:
        return loads(text)
    except (JsonError, ValueError) as error:
        raise Refusal(400, f"Failed to parse the request body as JSON: {error}") from error

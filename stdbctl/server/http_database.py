"""HTTP routes that read a database or change its names."""

import json
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from stdbctl.query import QueryError
from stdbctl.sats import dumps
from stdbctl.schema import ModuleDef, hash_text, raw_v9_json, raw_v10_json
from stdbctl.server.auth import Caller
from stdbctl.server.gate import check_origin
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.names import check_segment, name_problem
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import bad_query, called_route, flag_of, not_owner, text_of
from stdbctl.server.site import Site
from stdbctl.server.sql_answers import sql_answer
from stdbctl.store import DatabaseRecord


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [
        called_route(site, "GET", "/v1/database/{db}", info),
        called_route(site, "DELETE", "/v1/database/{db}", delete),
        called_route(site, "GET", "/v1/database/{db}/names", names),
        called_route(site, "POST", "/v1/database/{db}/names", add_name),
        called_route(site, "PUT", "/v1/database/{db}/names", set_names),
        called_route(site, "GET", "/v1/database/{db}/identity", identity),
        called_route(site, "GET", "/v1/database/{db}/schema", schema),
        called_route(site, "POST", "/v1/database/{db}/sql", sql),
        called_route(site, "GET", "/v1/database/{db}/subscribe", subscribe),
        called_route(site, "GET", "/v1/database/{db}/unstable/timestamp", timestamp),
    ]


def database_in(site: Site, request: Request) -> HostedDatabase:
    """The database in the path; Refusal."""
    return site.databases.find(request.path_params["db"])


async def info(site: Site, request: Request, _caller: Caller) -> Response:
    """Who the database is, who owns it, what it runs."""
    database = database_in(site, request).database
    program = database.program
    assert program is not None, "a database is known only once something was published to it"
    return JSONResponse(
        {
            "database_identity": {"__identity__": f"0x{database.identity}"},
            "owner_identity": {"__identity__": f"0x{database.owner}"},
            "host_type": {program.kind.value: []},
            "initial_program": hash_text(program.hash),
        }
    )


async def delete(site: Site, request: Request, caller: Caller) -> Response:
    """Delete the database with all its rows. An identity that no database has is deleted already, as in SpacetimeDB."""
    check_origin(request.headers, "delete databases")
    segment = check_segment(request.path_params["db"])
    if not isinstance(segment, str) and not site.databases.is_known(segment):
        return Response()
    record = site.databases.record(request.path_params["db"])
    if caller.identity not in (record.owner, site.operator.identity):
        raise not_owner(caller, record.identity, "delete database")
    await site.databases.delete(record.identity)
    return Response()


async def names(site: Site, request: Request, _caller: Caller) -> Response:
    """All names of the database."""
    return JSONResponse({"names": list(site.databases.record(request.path_params["db"]).names)})


async def add_name(site: Site, request: Request, caller: Caller) -> Response:
    """One more name; the body is the name as plain text."""
    check_origin(request.headers, "rename databases")
    name = (await text_of(request)).strip()
    record = _owned(site, request, caller)
    _check_name(name)
    if site.databases.named(name) is not None:
        return JSONResponse({"OtherError": f"record with the name {name} already exists"}, 500)
    site.databases.rename(record.identity, (*record.names, name))
    return JSONResponse({"Success": {"domain": name, "database_identity": record.identity.to_hex()}})


async def set_names(site: Site, request: Request, caller: Caller) -> Response:
    """These names and no others; the body is a JSON array of names."""
    check_origin(request.headers, "rename databases")
    text = await text_of(request)  # before anything is looked up: it may be another thing afterwards
    record, wanted = _owned(site, request, caller), _names_in(text)
    for name in wanted:
        _check_name(name)
        if site.databases.named(name) not in (None, record):
            return JSONResponse({"OtherError": f"Cannot rename to {name} because it already is in use."}, 400)
    site.databases.rename(record.identity, wanted)
    return JSONResponse("Success")


def _owned(site: Site, request: Request, caller: Caller) -> DatabaseRecord:
    record = site.databases.record(request.path_params["db"])
    if caller.identity not in (record.owner, site.operator.identity):
        raise not_owner(caller, record.identity, "rename database")
    return record


def _names_in(text: str) -> tuple[str, ...]:
    try:
        wanted = json.loads(text)
    except ValueError as error:
        raise Refusal(400, f"Failed to parse the request body as JSON: {error}") from error
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise Refusal(400, "the request body must be a JSON array of names")
    return tuple(dict.fromkeys(wanted))


def _check_name(name: str) -> None:
    problem = name_problem(name)
    if problem is not None:
        raise Refusal(400, f"Error parsing `{name}`: {problem}")


async def identity(site: Site, request: Request, _caller: Caller) -> Response:
    """The database's identity as 64 hex digits."""
    return PlainTextResponse(site.databases.record(request.path_params["db"]).identity.to_hex())


async def schema(site: Site, request: Request, _caller: Caller) -> Response:
    """The module definition as JSON, version 9 or 10."""
    writers = {"9": raw_v9_json, "10": raw_v10_json}
    version = request.query_params.get("version")
    if version is None:
        raise Refusal(400, "Failed to deserialize query string: missing field `version`")
    if version not in writers:
        raise bad_query("version", version, "`9` or `10`")
    module = database_in(site, request).database.module
    assert isinstance(module, ModuleDef)
    return Response(dumps(writers[version](module)), media_type="application/json")


async def sql(site: Site, request: Request, caller: Caller) -> Response:
    """Run one query; what it read is durable before the answer leaves, unless `confirmed=false`."""
    hosted = database_in(site, request)
    is_confirmed = flag_of(request, "confirmed", True)
    text = await text_of(request)
    if text.lstrip("( \t\r\n")[:6].lower() != "select":
        check_origin(request.headers, "write with SQL")
    await hosted.free()
    began = time.perf_counter()
    try:
        result = hosted.database.query(text, caller.identity, hosted.is_owner(caller.identity))
    except QueryError as error:
        raise Refusal(400, str(error)) from error
    micros = round((time.perf_counter() - began) * 1_000_000)
    if is_confirmed:
        await hosted.durable()
    return sql_answer(hosted, result, micros)


async def subscribe(_site: Site, _request: Request, _caller: Caller) -> Response:
    """The WebSocket route, asked for without an upgrade."""
    raise Refusal(426, "This service requires use of the websocket protocol", headers={"upgrade": "websocket"})


async def timestamp(site: Site, request: Request, _caller: Caller) -> Response:
    """The server's clock."""
    hosted = database_in(site, request)
    return JSONResponse({"__timestamp_micros_since_unix_epoch__": hosted.now().micros})

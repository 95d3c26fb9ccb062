"""HTTP routes for snapshots: extensions of ours, for the operator alone (docs/snapshots.md)."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from stdbctl.records import Program
from stdbctl.sats import dumps
from stdbctl.server.auth import Caller
from stdbctl.server.gate import check_origin
from stdbctl.server.refusal import Refusal
from stdbctl.server.restoring import restore
from stdbctl.server.routing import bad_query, called_route, must_operate, number_of
from stdbctl.server.site import Site
from stdbctl.server.snapshot_diff import ROWS_MAX, Side, compare, definition_of
from stdbctl.server.snapshot_keeper import SnapshotKeeper
from stdbctl.store import DatabaseCopy, StoreDamaged, StoreFault

T = TypeVar("T")


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [
        called_route(site, "GET", "/v1/database/{db}/snapshots", list_all),
        called_route(site, "PUT", "/v1/database/{db}/snapshots/{name:path}", save),
        called_route(site, "GET", "/v1/database/{db}/snapshots/{name:path}/diff", diff),
        called_route(site, "POST", "/v1/database/{db}/snapshots/{name:path}/restore", restore_one),
        called_route(site, "DELETE", "/v1/database/{db}/snapshots/{name:path}", delete),
    ]


async def list_all(site: Site, request: Request, caller: Caller) -> Response:
    """Every snapshot of the database, the oldest first."""
    kept = _keeper(site, request, caller, "list snapshots").on_disk
    return JSONResponse({"snapshots": [info.to_json() for info in await _off_the_loop(kept.all)]})


async def save(site: Site, request: Request, caller: Caller) -> Response:
    """Take a snapshot of all that is on disk now; a name is never used twice."""
    _keeper(site, request, caller, "save snapshots")
    identity, name = site.databases.record(request.path_params["db"]).identity, request.path_params["name"]
    async with site.databases.changing(identity, "a snapshot"):
        hosted = site.databases.find(identity.to_hex())
        kept = hosted.snapshots.on_disk
        await hosted.durable()
        try:
            taken = await asyncio.to_thread(kept.save, name)
        except StoreFault as error:
            if isinstance(error, StoreDamaged):  # the database's own file: a snapshot is read as it is taken
                hosted.end_serving(error)
            raise fault_refusal(error) from error
    return JSONResponse(taken.to_json())


async def restore_one(site: Site, request: Request, caller: Caller) -> Response:
    """Bring the database back to a snapshot; its own module too where `module=restore`."""
    module = request.query_params.get("module", "keep")
    if module not in ("keep", "restore"):
        raise bad_query("module", module, "`keep` or `restore`")
    _keeper(site, request, caller, "restore snapshots")
    record = site.databases.record(request.path_params["db"])
    try:
        done = await restore(site, record, request.path_params["name"], with_module=module == "restore")
    except StoreFault as error:
        raise fault_refusal(error) from error
    return JSONResponse(done.to_json())


async def diff(site: Site, request: Request, caller: Caller) -> Response:
    """What differs between a snapshot and another one (`with`), or what is there now."""
    kept = _keeper(site, request, caller, "read snapshots").on_disk
    rows_max = number_of(request, "rows", ROWS_MAX) or 0
    record = site.databases.record(request.path_params["db"])
    other = request.query_params.get("with")
    with contextlib.ExitStack() as open_copies:

        def opened(copy: DatabaseCopy) -> tuple[DatabaseCopy, Program]:
            open_copies.enter_context(copy)
            program = copy.program
            assert program is not None, "snapshots are taken of databases that serve"
            return copy, program

        before = await _off_the_loop(lambda: opened(kept.open(request.path_params["name"])))
        if other is None:
            await site.databases.find(request.path_params["db"]).durable()
        after = await _off_the_loop(lambda: opened(kept.current() if other is None else kept.open(other)))
        sides = [Side(copy, definition_of(site, record, program)) for copy, program in (before, after)]
        tables = await _off_the_loop(lambda: compare(sides[0], sides[1], rows_max))
        offsets = [side.copy.last_offset for side in sides]
    answer = {
        "before": {"snapshot": request.path_params["name"], "offset": offsets[0], "program": before[1].hash},
        "after": {"snapshot": other, "offset": offsets[1], "program": after[1].hash},
        "tables": tables,
    }
    return Response(dumps(answer), media_type="application/json")


async def delete(site: Site, request: Request, caller: Caller) -> Response:
    """Delete a snapshot."""
    kept = _keeper(site, request, caller, "delete snapshots").on_disk
    async with site.databases.changing(site.databases.record(request.path_params["db"]).identity, "a snapshot"):
        await _off_the_loop(lambda: kept.delete(request.path_params["name"]))
    return JSONResponse({})


def _keeper(site: Site, request: Request, caller: Caller, action: str) -> SnapshotKeeper:
    """The snapshots of the database in the path, which need not be open; Refusal."""
    check_origin(request.headers, action)
    record = site.databases.record(request.path_params["db"])
    must_operate(site, caller, record.identity, action)
    return site.databases.snapshots(record.identity)


async def _off_the_loop(work: Callable[[], T]) -> T:
    """Do what needs the disk on another thread; Refusal 400 with the parts of the fault."""
    try:
        return await asyncio.to_thread(work)
    except StoreFault as error:
        raise fault_refusal(error) from error


def fault_refusal(error: StoreFault) -> Refusal:
    """400 with `{"error": {"code", "what", "why", "fix"}}`, for programs and the command line."""
    parts = {"code": error.code, "what": error.what, "why": error.why, "fix": error.fix}
    return Refusal(400, json.dumps({"error": parts}, ensure_ascii=False), headers={"content-type": "application/json"})

"""HTTP routes that give the operator all rows of tables as files, and take files with rows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute
from websockets.frames import CloseCode

from stdbctl.engine import BegunAnew, Exported, Imported, InitFailed, ModuleChanged
from stdbctl.errors import Problem, Problems
from stdbctl.records import LogLevel, Row, StoredState
from stdbctl.sats import Identity, dumps
from stdbctl.schema import ModuleDef, TableDef
from stdbctl.server import limits
from stdbctl.server.auth import Caller
from stdbctl.server.gate import check_origin
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.incoming_rows import IncomingRows
from stdbctl.server.programs import problem_json
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import bad_query, called_route, flag_of, must_operate
from stdbctl.server.site import Site
from stdbctl.store import SnapshotInfo
from stdbctl.transfer import PROBLEMS_MAX, FileFormat, ImportMode, PartHead, RowWriter, Staging

OFFSET, ROWS = "stdbctl-offset", "stdbctl-rows"
"""Headers of an export: the transaction whose rows it holds, and how many those are."""
_MEDIA_TYPES = {FileFormat.JSONL: "application/x-ndjson", FileFormat.CSV: "text/csv; charset=utf-8; header=present"}
_PARTS = "parts"


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [
        called_route(site, "GET", "/v1/database/{db}/export", export),
        called_route(site, "POST", "/v1/database/{db}/import", import_),
        called_route(site, "POST", "/v1/database/{db}/reset", reset),
    ]


# --- out


async def export(site: Site, request: Request, caller: Caller) -> StreamingResponse:
    """The rows of one table, of some or of all, as of one moment."""
    hosted = site.databases.find(_operators_database(site, request, caller, "export rows").to_hex())
    module = hosted.database.module
    assert module is not None, "a database is known only once something was published to it"
    wanted = request.query_params.getlist("table")
    tables = _tables(module, wanted)
    format_, in_parts = _format(request, FileFormat.JSONL), flag_of(request, _PARTS, False)
    if format_ is FileFormat.CSV and len(tables) != 1 and not in_parts:
        raise Refusal(400, "a CSV file holds one table: ask for one with `table`, or for `parts=true`")
    exported = hosted.run(None, lambda: hosted.database.export_rows([table.name for table in tables]))
    await hosted.durable()
    count = sum(len(rows) for _, rows in exported.tables)
    return StreamingResponse(
        _pieces(exported, format_, in_parts=in_parts, is_lone=len(wanted) == 1),
        media_type="application/octet-stream" if in_parts else _MEDIA_TYPES[format_],
        headers={"cache-control": "no-cache", OFFSET: str(exported.offset), ROWS: str(count)},
    )


def _tables(module: ModuleDef, wanted: Sequence[str]) -> list[TableDef]:
    """The tables that are meant, by any of their names; all that keep rows when none is named."""
    if not wanted:
        return [table for table in module.tables if not table.is_event]
    found: dict[str, TableDef] = {}
    for name in wanted:
        table = module.table(name)
        if table is None:
            raise Refusal(400, f"no such table: `{name}`")
        if table.is_event:
            raise Refusal(400, f"`{table.name}` is an event table: its rows last for one transaction only")
        found[table.name] = table
    return list(found.values())


async def _pieces(exported: Exported, format_: FileFormat, *, in_parts: bool, is_lone: bool) -> AsyncIterator[bytes]:
    for table, rows in exported.tables:
        writer = RowWriter(table, exported.module, format_)
        if in_parts:
            yield _part(table.name, format_, writer.head, 0)
        elif format_ is FileFormat.CSV or is_lone:
            yield writer.head
        else:
            yield (dumps({"$table": table.name}) + "\n").encode()
        for slice_ in _slices(rows):
            data = writer.lines(slice_)
            yield _part(table.name, format_, data, len(slice_)) if in_parts else data
            await asyncio.sleep(0)


def _slices(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    return (rows[start : start + limits.EXPORT_SLICE] for start in range(0, len(rows), limits.EXPORT_SLICE))


def _part(table: str, format_: FileFormat, data: bytes, count: int) -> bytes:
    return PartHead(table=table, format=format_, size=len(data), rows=count).encode() + data


# --- in


async def import_(site: Site, request: Request, caller: Caller) -> Response:
    """Insert the rows of the body in one transaction; 422 with all problems, and nothing changed."""
    rows = IncomingRows(request)
    try:
        try:
            return await _import(site, request, caller, rows)
        except Refusal:
            await rows.drain()
            raise
        except MemoryError:
            await rows.drain()
            return PlainTextResponse("the rows do not fit into the server's memory; nothing was changed", 507)
    except ClientDisconnect:
        return PlainTextResponse("", 400)  # nobody is there to read it


async def _import(site: Site, request: Request, caller: Caller, rows: IncomingRows) -> Response:
    identity = _operators_database(site, request, caller, "import rows")
    present = await site.databases.settled(identity)
    present.outage.check()
    module = present.database.module
    assert module is not None, "a database is known only once something was published to it"
    mode, staging = _mode(request), Staging(module)
    if request.query_params.get("format") == _PARTS:
        await rows.stage_parts(staging)
    else:
        await rows.stage_file(staging, request.query_params.get("table"), _format(request, FileFormat.JSONL))
    if staging.problems:
        return _problems(staging.problems, is_cut=staging.is_cut)
    try:
        async with _turn_of(site, identity, "an import") as hosted:
            if await request.is_disconnected():
                raise ClientDisconnect
            imported, snapshot = await _carry_out(hosted, staging, mode, caller)
    except Problems as error:
        return _problems(error.problems, is_cut=len(error.problems) >= PROBLEMS_MAX)
    except ModuleChanged as error:
        raise Refusal(409, str(error)) from error
    return JSONResponse(_told(imported) | {"snapshot": None if snapshot is None else snapshot.name})


async def _carry_out(
    hosted: HostedDatabase, staging: Staging, mode: ImportMode, caller: Caller
) -> tuple[Imported, SnapshotInfo | None]:
    """Insert the rows, and wait for the disk; with a snapshot of what was before when rows may be lost."""

    def action() -> Imported:
        return hosted.run(None, lambda: _apply(hosted, staging, mode, caller))

    if mode is ImportMode.REPLACE and staging.tables:
        detail = f"import over {', '.join(sorted(staging.tables))}"
        return await hosted.lossy_step(action, step="import", detail=detail)
    imported = action()
    await hosted.durable()
    return imported, None


def _apply(hosted: HostedDatabase, staging: Staging, mode: ImportMode, caller: Caller) -> Imported:
    imported = hosted.database.import_rows(staging, mode, caller.identity)
    hosted.fan_out(imported.committed.groups)
    return imported


def _told(imported: Imported) -> dict[str, object]:
    tables = [
        {"table": each.table, "given": each.given, "inserted": each.inserted, "deleted": each.deleted}
        for each in imported.tables
    ]
    return {"offset": imported.committed.offset, "tables": tables}


def _problems(problems: Iterable[Problem], *, is_cut: bool) -> Response:
    return JSONResponse({"problems": [problem_json(problem) for problem in problems], "is_cut": is_cut}, 422)


# --- anew


async def reset(site: Site, request: Request, caller: Caller) -> Response:
    """Empty all tables and begin anew, module and clients staying; 422 and 530 say why not, and nothing is changed."""
    identity = _operators_database(site, request, caller, "reset")
    try:
        async with _turn_of(site, identity, "a reset") as hosted:
            begun, snapshot = await hosted.lossy_step(lambda: _begin_anew(hosted), step="reset", detail="reset")
    except Problems as error:
        return _problems(error.problems, is_cut=False)
    except InitFailed as error:
        raise Refusal(530, f"{error.what}; nothing was changed") from error
    hosted.log(LogLevel.INFO, "Database reset")
    hosted.settle()
    name = None if snapshot is None else snapshot.name
    told = {"offset": begun.committed.offset, "deleted": begun.deleted, "inserted": begun.inserted, "snapshot": name}
    return JSONResponse(told)


def _begin_anew(hosted: HostedDatabase) -> BegunAnew:
    """One transaction, then those that let in everybody who is connected, as into a new database."""
    database = hosted.database
    begun = hosted.run("init", database.reset)
    rejoined = hosted.run("client_connected", lambda: database.rejoin(StoredState({}, {}, ())))
    for committed in (begun.committed, *rejoined.committed):
        hosted.fan_out(committed.groups)
    hosted.send_away(rejoined.drop, CloseCode.GOING_AWAY, "the database was reset")
    return begun


# --- both


@contextlib.asynccontextmanager
async def _turn_of(site: Site, identity: Identity, what: str) -> AsyncIterator[HostedDatabase]:
    """Wait for the changes before this one; what the database is then. Refusal."""
    async with site.databases.changing(identity, what):
        hosted = site.databases.find(identity.to_hex())
        hosted.outage.check()
        yield hosted


def _operators_database(site: Site, request: Request, caller: Caller, action: str) -> Identity:
    check_origin(request.headers, action)
    identity = site.databases.record(request.path_params["db"]).identity
    must_operate(site, caller, identity, action)
    return identity


def _format(request: Request, default: FileFormat) -> FileFormat:
    text = request.query_params.get("format", default.value)
    try:
        return FileFormat(text)
    except ValueError:
        raise bad_query("format", text, "`jsonl` or `csv`") from None


def _mode(request: Request) -> ImportMode:
    text = request.query_params.get("mode", ImportMode.APPEND.value)
    try:
        return ImportMode(text)
    except ValueError:
        raise bad_query("mode", text, "`append`, `merge` or `replace`") from None

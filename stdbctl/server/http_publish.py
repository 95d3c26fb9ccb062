"""HTTP routes that publish: create, update, reset, and ask beforehand."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from stdbctl.engine import Prepared, Progress
from stdbctl.errors import Problems
from stdbctl.records import Program
from stdbctl.sats import Identity
from stdbctl.schema import Choices, MigrationPlan, Rename, hash_text, read_rename, steps_json
from stdbctl.server import limits
from stdbctl.server.auth import Caller
from stdbctl.server.callers import required
from stdbctl.server.gate import check_origin
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.names import check_segment
from stdbctl.server.programs import plan_token, problem_json, program_of, reasons
from stdbctl.server.publishing import MIGRATION, Done, Order, next_step, prepare, publish
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import bad_query, body_of, called_route, caller_in, flag_of, not_owner, number_of
from stdbctl.server.site import Site

SNAPSHOT_HEADER = "stdbctl-snapshot"
"""Our own: the name of the snapshot that was taken before rows were lost. The body is SpacetimeDB's."""
NDJSON = "application/x-ndjson"
_REPLICAS_MAX = 255
_DURATION = re.compile(r"(\d{1,9})(ms|s|sec|m|min)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0}
_CONFIRMATION_S, _CONFIRMATION_S_MAX = 5.0, 300.0


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [
        called_route(site, "POST", "/v1/database", create),
        called_route(site, "PUT", "/v1/database/{db}", put),
        called_route(site, "PUT", "/v1/database/{db}/reset", reset),
        called_route(site, "POST", "/v1/database/{db}/pre_publish", pre_publish),
    ]


async def create(site: Site, request: Request, caller: Caller) -> Response:
    """A database without a name."""
    if flag_of(request, "clear", False):
        raise Refusal(400, "Clear database requires database name or identity")
    return await _publish(site, request, caller, None, None, clear=False)


async def put(site: Site, request: Request, caller: Caller) -> Response:
    """Create the database of this name, or update the one that has it."""
    segment = check_segment(request.path_params["db"])
    record = site.databases.named(segment) if isinstance(segment, str) else site.databases.record(segment.to_hex())
    clear = flag_of(request, "clear", False)
    name = segment if isinstance(segment, str) else None
    return await _publish(site, request, caller, name, None if record is None else record.identity, clear=clear)


async def reset(site: Site, request: Request, caller: Caller) -> Response:
    """Delete all rows and start anew, with the program in the body or the one that runs."""
    record = site.databases.record(request.path_params["db"])
    segment = check_segment(request.path_params["db"])
    name = segment if isinstance(segment, str) else None
    return await _publish(site, request, caller, name, record.identity, clear=True)


async def _publish(
    site: Site, request: Request, caller: Caller, name: str | None, target: Identity | None, *, clear: bool
) -> Response:
    _check_operator(site, request, caller, target)
    _check_unsupported(site, request)
    policy = request.query_params.get("policy", "Compatible")
    if policy not in ("Compatible", "BreakClients"):
        raise bad_query("policy", policy, "`Compatible` or `BreakClients`")
    durable_s = _confirmation_s(request.query_params.get("update_confirmation_timeout"))
    order = Order(
        program=await _program(site, request, target if clear else None),
        owner=caller.identity,
        target=target,
        names=() if name is None else (name,),
        clear=clear,
        choices=_choices(request),
        breaks=policy == "BreakClients",
        token=_token(request.query_params.get("token")) if policy == "BreakClients" else None,
        durable_s=durable_s,
    )

    def success(done: Done) -> dict[str, object]:
        op = "created" if target is None else "updated"
        return {"Success": {"domain": name, "database_identity": done.identity.to_hex(), "op": op}}

    if NDJSON in request.headers.get("accept", ""):
        return StreamingResponse(_lines(site, order, success), media_type=NDJSON)
    done = await publish(site, order)
    headers = {} if done.snapshot is None else {SNAPSHOT_HEADER: done.snapshot.name}
    return JSONResponse(success(done), headers=headers)


async def _lines(site: Site, order: Order, success: Callable[[Done], dict[str, object]]) -> AsyncIterator[str]:
    """The answer to a publish as it goes: how far migration functions are, then what came of it, a line each.

    Whoever goes away before the end takes the publish with it.
    """
    newest: list[Progress] = []
    told = asyncio.Event()

    def tell(progress: Progress) -> None:
        newest[:] = [progress]
        told.set()

    publishing = asyncio.ensure_future(publish(site, order, tell))
    publishing.add_done_callback(lambda _: told.set())
    try:
        while not publishing.done():
            await told.wait()
            told.clear()
            while newest:
                yield json.dumps({"progress": newest.pop()._asdict()}) + "\n"
        try:
            done = publishing.result()
            kept = {} if done.snapshot is None else {"snapshot": done.snapshot.name}
            yield json.dumps(success(done) | kept) + "\n"
        except Refusal as refusal:
            yield json.dumps({"Refused": {"status": refusal.status, "reason": refusal.text}}) + "\n"
    finally:
        publishing.cancel()
        await asyncio.wait([publishing])


async def _program(site: Site, request: Request, kept: Identity | None) -> Program:
    data = await body_of(request, limits.PROGRAM_BYTES)
    running = None if kept is None or data else (await site.databases.settled(kept)).database.program
    return running or program_of(data, request.query_params.get("host_type"))


async def pre_publish(site: Site, request: Request, caller: Caller) -> Response:
    """What a publish of the body would do: a plan and the token that allows it, or why it cannot be."""
    identity = site.databases.record(request.path_params["db"]).identity
    _check_operator(site, request, caller, identity)
    choices, is_detailed = _choices(request), flag_of(request, "detail", False)
    program = program_of(await body_of(request, limits.PROGRAM_BYTES), request.query_params.get("host_type"))
    hosted = await site.databases.settled(identity)
    prepared = prepare(site, program, identity)
    database = hosted.database
    running = database.program
    assert running is not None, "a database is known only once something was published to it"
    try:
        plan = database.plan(prepared, choices)
        samples = _samples(hosted, prepared, plan, choices)
    except Problems as error:
        manual: dict[str, object] = {"reason": reasons(error), "major_version_upgrade": False}
        if is_detailed:
            manual["problems"] = [problem_json(problem) for problem in error.problems]
        return JSONResponse({"ManualMigrate": manual})
    answer: dict[str, object] = {
        "migrate_plan": plan.text(),
        "break_clients": plan.breaks_clients,
        "token": hash_text(plan_token(database.identity, running, program, choices)),
        "major_version_upgrade": False,
    }
    if is_detailed:
        counts = database.row_counts
        answer["steps"] = steps_json(plan)
        answer["lost_rows"] = {name: counts[name] for name in choices.dropped if counts[name]}
    shown = {"samples": samples} if samples else {}
    return JSONResponse({"AutoMigrate": answer | shown})


def _samples(
    hosted: HostedDatabase, prepared: Prepared, plan: MigrationPlan, choices: Choices
) -> list[dict[str, object]]:
    """What migration functions make of a few rows; an extension of ours. Problems when one fails at them."""
    sampling = hosted.database.sampling(prepared, plan, choices)
    found = hosted.run(None, lambda: next_step(sampling))
    found = hosted.run(MIGRATION, lambda: next_step(sampling)) if found is None else found
    assert found is not None, "the second step is the last"
    return [sample.json() for sample in found]


def _check_operator(site: Site, request: Request, caller: Caller, target: Identity | None) -> None:
    """Publishing runs code: only the operator may, and no web page; Refusal 401 or 403."""
    check_origin(request.headers, "publish")
    required(caller_in(site, request))
    if caller.identity == site.operator.identity:
        return
    if target is None:
        raise Refusal(
            403,
            f"{caller.identity} is not authorized to create databases on this server: "
            "publish with the operator's token, which the server keeps in a file that only its user can read",
        )
    raise not_owner(caller, target, "update database")


def _check_unsupported(site: Site, request: Request) -> None:
    replicas = number_of(request, "num_replicas", 2**31)
    if replicas is not None and replicas > _REPLICAS_MAX:
        raise Refusal(400, f"Replication factor {replicas} out of bounds")
    parent = request.query_params.get("parent")
    if parent is not None:
        site.databases.record(parent)
        raise Refusal(400, "this server has no database hierarchies: publish without `parent`")


def _choices(request: Request) -> Choices:
    """What the plan is to follow, our own extensions: `rename` and `drop_table`, several of each."""
    dropped = dict.fromkeys(request.query_params.getlist("drop_table"))
    return Choices(renames=_renames(request), dropped=tuple(dropped))


def _renames(request: Request) -> tuple[Rename, ...]:
    """The query parameters `rename`, in order; Refusal 400 for what is none."""
    given = request.query_params.getlist("rename")
    found = [(text, read_rename(text)) for text in given]
    wrong = [text for text, rename in found if rename is None]
    if wrong:
        raise bad_query("rename", wrong[0], "`old_table:new_table` or `table.old_column:new_column`")
    return tuple(rename for _, rename in found if rename is not None)


def _token(text: str | None) -> str | None:
    """A hash in its JSON form as a digest; the inverse of `hash_text`."""
    if text is None:
        return None
    try:
        return int(text, 16).to_bytes(32, "little").hex()
    except (ValueError, OverflowError):
        raise bad_query("token", text, "a hash as pre_publish gives it") from None


def _confirmation_s(text: str | None) -> float:
    if text is None:
        return _CONFIRMATION_S
    match = _DURATION.fullmatch(text)
    if match is None:
        raise bad_query("update_confirmation_timeout", text, "a duration such as `5s` or `500ms`")
    return min(int(match[1]) * _UNIT_S[match[2]], _CONFIRMATION_S_MAX)

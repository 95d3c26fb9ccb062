"""HTTP route that tells the operator what happened to a database, transaction by transaction."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute

from stdbctl.schema import ModuleDef
from stdbctl.server import limits
from stdbctl.server.auth import Caller
from stdbctl.server.gate import check_origin
from stdbctl.server.history_lines import HistoryWriter
from stdbctl.server.hosting import HostedDatabase
from stdbctl.server.past import Reading
from stdbctl.server.refusal import Refusal
from stdbctl.server.routing import bad_query, called_route, not_owner, number_of
from stdbctl.server.site import Site
from stdbctl.store import HistoryEntry, HistoryPage

_NUMBER_MAX = 2**63 - 1


def routes(site: Site) -> list[BaseRoute]:
    """The routes."""
    return [called_route(site, "GET", "/v1/database/{db}/history", history)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which transactions: None means any. `caller`: the first hex digits; `since`: µs since 1970."""

    before: int | None
    limit: int | None
    offset: int | None
    since: int | None
    function: str | None
    caller: str | None
    table_ids: frozenset[int] | None

    def takes(self, entry: HistoryEntry) -> bool:
        """Whether an entry is to be told."""
        return (
            (self.function is None or entry.function == self.function)
            and (self.caller is None or entry.caller.to_hex().startswith(self.caller))
            and (self.table_ids is None or any(change.table_id in self.table_ids for change in entry.changes))
        )

    def is_past(self, entry: HistoryEntry) -> bool:
        """Whether this entry, and so each before it, is too old to be told."""
        return (self.offset is not None and entry.offset < self.offset) or (
            self.since is not None and entry.timestamp.micros < self.since
        )


async def history(site: Site, request: Request, caller: Caller) -> StreamingResponse:
    """NDJSON, the newest transaction first; all that is on disk, or what the query asks for."""
    check_origin(request.headers, "read history")
    hosted = site.databases.find(request.path_params["db"])
    if caller.identity != site.operator.identity:
        raise not_owner(caller, hosted.database.identity, "view history")
    database = hosted.database
    program, module, names = database.program, database.module, dict(database.table_names)
    assert program is not None, "a database is known only once something was published to it"
    assert isinstance(module, ModuleDef)
    wanted = _wanted(request, names)
    rows_max = number_of(request, "rows", _NUMBER_MAX)
    writer = HistoryWriter(Reading(module, database.live_table_names), program.hash, names, rows_max)
    await hosted.durable()
    first = await asyncio.to_thread(hosted.history.history_page, wanted.before)
    lines = _lines(hosted, wanted, writer, first)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers={"cache-control": "no-cache"})


def _wanted(request: Request, table_names: Mapping[int, str]) -> Wanted:
    query = request.query_params
    caller, table = query.get("caller"), query.get("table")
    if caller is not None and not re.fullmatch(r"[0-9a-f]{1,64}", caller):
        raise bad_query("caller", caller, "up to 64 hex digits")
    table_ids = frozenset(table_id for table_id, name in table_names.items() if name == table)
    if table is not None and not table_ids:
        raise Refusal(400, f"no such table: `{table}`")
    before, offset = number_of(request, "before", _NUMBER_MAX), number_of(request, "offset", _NUMBER_MAX - 1)
    return Wanted(
        before=before if offset is None else offset + 1,
        limit=number_of(request, "limit", _NUMBER_MAX),
        offset=offset,
        since=number_of(request, "since", _NUMBER_MAX),
        function=query.get("function"),
        caller=caller,
        table_ids=None if table is None else table_ids,
    )


async def _lines(
    hosted: HostedDatabase, wanted: Wanted, writer: HistoryWriter, page: HistoryPage
) -> AsyncIterator[str]:
    """The lines, a slice of a page at a time; all work is done on another thread."""
    left = _NUMBER_MAX if wanted.limit is None else wanted.limit
    while page.entries and left:
        for start in range(0, len(page.entries), limits.HISTORY_SLICE):
            taken, is_over = _chosen(page.entries[start : start + limits.HISTORY_SLICE], wanted)
            taken = taken[:left]
            left -= len(taken)
            if taken:
                yield await asyncio.to_thread(writer.lines, HistoryPage(taken, page.definitions))
            if is_over or not left:
                return
            await asyncio.sleep(0)
        page = await asyncio.to_thread(hosted.history.history_page, page.entries[-1].offset)


def _chosen(entries: Iterable[HistoryEntry], wanted: Wanted) -> tuple[tuple[HistoryEntry, ...], bool]:
    """Those of `entries` that are to be told, and whether all that follow are too old."""
    taken: list[HistoryEntry] = []
    for entry in entries:
        if wanted.is_past(entry):
            return tuple(taken), True
        if wanted.takes(entry):
            taken.append(entry)
    return tuple(taken), False

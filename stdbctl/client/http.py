"""The control client: a server's HTTP API as typed calls, synchronous. CLI and dev use it; programs may, too.

Paths, headers and status codes are SpacetimeDB's, so it works against any SpacetimeDB server.
Every method raises ServerNotReachable when nothing answers, UnexpectedAnswer when something else does, and Refused
or one of its subclasses when the server says no.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Self

import httpx

from stdbctl.client.errors import (
    AnswerBrokeOff,
    BadArguments,
    FunctionFailed,
    NoSuchDatabase,
    NoSuchFunction,
    NotAllowed,
    PublishRefused,
    QueryRefused,
    Refused,
    ServerNotReachable,
    SnapshotRefused,
    TokenRefused,
    UnexpectedAnswer,
)
from stdbctl.client.exchange import ANSWER_SECONDS, Exchange, database_path
from stdbctl.client.found_problems import placed
from stdbctl.client.results import (
    AutoMigration,
    CallResult,
    DatabaseInfo,
    IssuedIdentity,
    Json,
    ManualMigration,
    PublishResult,
    SqlResult,
    read_migration,
)
from stdbctl.client.transfer import ImportRefused, ImportResult, ResetResult, RowStream, TableImport
from stdbctl.sats import Identity
from stdbctl.schema import ModuleDef, UnreadableDefinition, raw_from_json, validate

__all__ = [
    "AnswerBrokeOff",
    "AutoMigration",
    "BadArguments",
    "CallResult",
    "ControlClient",
    "DatabaseInfo",
    "FunctionFailed",
    "ImportRefused",
    "ImportResult",
    "IssuedIdentity",
    "Json",
    "ManualMigration",
    "NoSuchDatabase",
    "NoSuchFunction",
    "NotAllowed",
    "PublishRefused",
    "PublishResult",
    "QueryRefused",
    "Refused",
    "ResetResult",
    "RowStream",
    "ServerNotReachable",
    "SnapshotRefused",
    "SqlResult",
    "TableImport",
    "TokenRefused",
    "UnexpectedAnswer",
    "identity_of_token",
    "placed",
]

PUBLISH_SECONDS = 3600.0
"""A publish imports a module and may migrate many rows: some 6 s and as long again on disk for a million."""
CONFIRMATION_SECONDS = 300
"""How long the server may wait for its disk after a publish: SpacetimeDB's upper bound; its default are 5 s."""
IMPORT_SECONDS = 3600.0
"""An import answers when all its rows are in; a million take some seconds. A server that ends ends the wait, too."""


class ControlClient:
    """One server, addressed as one identity (`token`) or as nobody in particular (None)."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._exchange = Exchange(url, token)
        self.url, self.token = self._exchange.url, token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._exchange.close()

    # --- the server and identities

    def ping(self) -> None:
        """Return when a server answers and takes the token."""
        self._exchange.send("GET", "/ping")

    def create_identity(self) -> IssuedIdentity:
        """Ask for a new identity."""
        return self._exchange.read(IssuedIdentity.read, self._exchange.send("POST", "/identity"))

    def websocket_token(self) -> str:
        """A token of the same identity that is valid for 60 seconds; for URLs, which end up in logs."""
        answer = self._exchange.send("POST", "/identity/websocket-token")
        return self._exchange.read(lambda data: str(data["token"]), answer)

    def databases(self, owner: Identity) -> tuple[Identity, ...]:
        """The databases that `owner` owns, in the server's order."""
        answer = self._exchange.send("GET", f"/identity/{owner.to_hex()}/databases")
        return self._exchange.read(lambda data: tuple(Identity.from_hex(text) for text in data["identities"]), answer)

    # --- databases

    def database(self, name: str) -> DatabaseInfo:
        """What the server knows of a database, by name or identity; NoSuchDatabase."""
        return self._exchange.read(DatabaseInfo.read, self._exchange.send("GET", database_path(name), database=name))

    def names(self, name: str) -> tuple[str, ...]:
        """All names of a database, by one of them or its identity; NoSuchDatabase."""
        answer = self._exchange.send("GET", database_path(name, "names"), database=name)
        return self._exchange.read(lambda data: tuple(str(text) for text in data["names"]), answer)

    def pre_publish(
        self,
        name: str,
        program: bytes,
        *,
        host_type: str = "Python",
        renames: Sequence[str] = (),
        dropped: Sequence[str] = (),
    ) -> AutoMigration | ManualMigration:
        """Ask what a publish of `program` would do; NoSuchDatabase for a new name, PublishRefused for a bad program.

        `renames`: `old_table:new_table` or `table.old_column:new_column`; `dropped`: tables that may go with their
        rows. stdbctl's server alone understands both.
        """
        parameters: dict[str, str | Sequence[str]] = {
            "host_type": host_type,
            "style": "NoColor",
            "detail": "true",
            "rename": tuple(renames),
            "drop_table": tuple(dropped),
        }
        return self._exchange.read(
            read_migration, self._publish("POST", database_path(name, "pre_publish"), name, program, parameters)
        )

    def publish(
        self,
        name: str,
        program: bytes,
        *,
        host_type: str = "Python",
        allowed_plan: str | None = None,
        renames: Sequence[str] = (),
        dropped: Sequence[str] = (),
        clear: bool = False,
        on_progress: Callable[[Json], None] | None = None,
    ) -> PublishResult:
        """Create or update a database; PublishRefused says why not. Waits for as long as a migration takes.

        `allowed_plan`: the token of an AutoMigration that may disconnect clients. `renames`, `dropped`: as for
        `pre_publish`. `clear`: all rows of a database that exists are lost, and it starts anew. `on_progress` asks
        stdbctl's server how far migration functions are, and hears it (docs/server.md, "Publishing in lines").
        """
        parameters: dict[str, str | Sequence[str]] = {
            "host_type": host_type,
            "rename": tuple(renames),
            "drop_table": tuple(dropped),
            "update_confirmation_timeout": f"{CONFIRMATION_SECONDS}s",
        }
        if allowed_plan is not None:
            parameters |= {"token": allowed_plan, "policy": "BreakClients"}
        if clear:
            parameters["clear"] = "true"
        if on_progress is not None:
            return self._publish_in_lines(name, program, parameters, on_progress)
        answer = self._publish("PUT", database_path(name), name, program, parameters)
        result = self._exchange.read(PublishResult.read, answer)
        return replace(result, snapshot=answer.headers.get("stdbctl-snapshot"))

    def _publish_in_lines(
        self,
        name: str,
        program: bytes,
        parameters: Mapping[str, str | Sequence[str]],
        on_progress: Callable[[Json], None],
    ) -> PublishResult:
        last: Json = None
        with self._exchange.stream(
            "PUT",
            database_path(name),
            parameters,
            content=program,
            headers={"Accept": "application/x-ndjson"},
            database=name,
            refusals=dict.fromkeys((400, 500, 503, 504), PublishRefused),
            seconds=PUBLISH_SECONDS,
        ) as answer:
            for line in answer.iter_lines():
                last = json.loads(line)
                if "progress" in last:
                    on_progress(last["progress"])
        if last is not None and "Refused" in last:
            raise PublishRefused(last["Refused"]["status"], last["Refused"]["reason"])
        if last is None or "Success" not in last:
            raise AnswerBrokeOff(self.url, "the answer ended before its last line")
        return replace(PublishResult.read(last), snapshot=last.get("snapshot"))

    def delete(self, name: str) -> None:
        """Delete a database with all its rows; NoSuchDatabase, NotAllowed."""
        self._exchange.send("DELETE", database_path(name), database=name)

    def schema_json(self, name: str, version: int = 10) -> Json:
        """The module definition as the server's JSON, version 9 or 10; NoSuchDatabase."""
        return self._exchange.read(
            lambda data: data,
            self._exchange.send("GET", database_path(name, "schema"), {"version": version}, database=name),
        )

    def schema(self, name: str) -> ModuleDef:
        """The module definition, from version 9 where the server does not know version 10; NoSuchDatabase."""
        try:
            data = self.schema_json(name)
        except NoSuchDatabase:
            raise
        except Refused:
            data = self.schema_json(name, version=9)
        try:
            module = validate(raw_from_json(data))
        except UnreadableDefinition as error:
            raise UnexpectedAnswer(self.url, f"a schema that cannot be read: {error}") from error
        if not isinstance(module, ModuleDef):
            raise UnexpectedAnswer(self.url, f"a schema that is not valid: {module[0]}")
        return module

    # --- calls, queries, logs

    def call(self, name: str, function: str, args_json: str) -> CallResult:
        """Call a reducer or procedure with the JSON text of an array or object of arguments.

        Raises FunctionFailed with the function's own text, NoSuchFunction, BadArguments, NoSuchDatabase.
        """
        headers = {"Content-Type": "application/json"}
        refusals = {400: BadArguments, 530: FunctionFailed, 500: FunctionFailed}
        path = database_path(name, "call", function)
        answer = self._exchange.send(
            "POST", path, content=args_json.encode(), headers=headers, database=name, refusals=refusals
        )
        duration = answer.headers.get("spacetime-execution-duration-micros", "")
        return CallResult(value_json=answer.text, duration_micros=int(duration) if duration.isdecimal() else None)

    def sql_json(self, name: str, query: str) -> str:
        """Run SQL and return the server's JSON text; QueryRefused, NoSuchDatabase."""
        return self._sql(name, query).text

    def sql(self, name: str, query: str) -> tuple[SqlResult, ...]:
        """Run SQL; one result per statement. QueryRefused, NoSuchDatabase."""
        return self._exchange.read(lambda data: tuple(SqlResult.read(item) for item in data), self._sql(name, query))

    @contextmanager
    def logs(self, name: str, *, num_lines: int | None = None, follow: bool = False) -> Iterator[Iterator[str]]:
        """The lines of a database's log, each one JSON object; only its owner may read them.

        `num_lines` None means all that the server still has, or with `follow` only what comes from now on.
        With `follow` the iterator ends when the server closes the stream and raises ServerNotReachable when it breaks.
        """
        parameters: dict[str, str | int] = {"follow": "true" if follow else "false"}
        if num_lines is not None:
            parameters["num_lines"] = num_lines
        seconds, path = None if follow else ANSWER_SECONDS, database_path(name, "logs")
        with self._exchange.stream("GET", path, parameters, database=name, seconds=seconds) as answer:
            yield self._exchange.lines(answer)

    @contextmanager
    def history(self, name: str, parameters: Mapping[str, str | int]) -> Iterator[Iterator[str]]:
        """The transactions of a database, newest first, each one JSON object; only the operator may read them.

        An extension of stdbctl's server: docs/server.md, "History", lists the parameters and the fields.
        """
        with self._exchange.stream("GET", database_path(name, "history"), parameters, database=name) as answer:
            yield self._exchange.lines(answer)

    # --- rows as files

    @contextmanager
    def export_rows(self, name: str, tables: Iterable[str], format_: str) -> Iterator[RowStream]:
        """All rows of these tables (none = of all) as of one moment, in parts (docs/data.md, "Parts").

        `format_`: `jsonl` or `csv`. An extension of stdbctl's server, for its operator.
        """
        query = httpx.QueryParams([*(("table", table) for table in tables), ("format", format_), ("parts", "true")])
        with self._exchange.stream("GET", database_path(name, "export"), query, database=name) as answer:
            offset, count = (int(answer.headers.get(f"stdbctl-{key}", "0")) for key in ("offset", "rows"))
            yield RowStream(offset=offset, row_count=count, chunks=self._exchange.chunks(answer))

    def import_rows(self, name: str, parts: Iterable[bytes], mode: str) -> ImportResult:
        """Insert rows in one transaction; ImportRefused with all problems. `mode`: `append`, `merge` or `replace`.

        `parts`: docs/data.md, "Parts". An extension of stdbctl's server, for its operator.
        """
        parameters = {"format": "parts", "mode": mode}
        path, refusals = database_path(name, "import"), {422: ImportRefused}
        answer = self._exchange.send(
            "POST", path, parameters, content=parts, database=name, refusals=refusals, seconds=IMPORT_SECONDS
        )
        return self._exchange.read(ImportResult.read, answer)

    def reset(self, name: str) -> ResetResult:
        """Empty all tables and run `init` and the seed; module and clients stay.

        ImportRefused when a seed file has problems, FunctionFailed when `init` or a seed function ends with an error.
        An extension of stdbctl's server, for its operator.
        """
        refusals = {422: ImportRefused, 530: FunctionFailed}
        answer = self._exchange.send(
            "POST", database_path(name, "reset"), database=name, refusals=refusals, seconds=IMPORT_SECONDS
        )
        return self._exchange.read(ResetResult.read, answer)

    # --- snapshots, extensions of stdbctl's server (docs/snapshots.md)

    def snapshots(self, name: str) -> list[Json]:
        """Every snapshot of a database, the oldest first; NoSuchDatabase, NotAllowed, SnapshotRefused."""
        return self._exchange.read(lambda data: list(data["snapshots"]), self._snapshot("GET", name))

    def save_snapshot(self, name: str, snapshot: str) -> Json:
        """Take a snapshot; what it holds."""
        return self._exchange.read(lambda data: data, self._snapshot("PUT", name, snapshot))

    def restore_snapshot(self, name: str, snapshot: str, *, with_module: bool = False) -> Json:
        """Bring a database back to a snapshot; what was done. `with_module`: its module in any case."""
        query = {"module": "restore" if with_module else "keep"}
        return self._exchange.read(
            lambda data: data, self._snapshot("POST", name, snapshot, "restore", parameters=query)
        )

    def diff_snapshots(self, name: str, snapshot: str, other: str | None = None, *, rows: int = 0) -> Json:
        """What differs between a snapshot and another one, or what is there now; `rows`: at most so many of each."""
        query: dict[str, str | int] = {"rows": rows} if other is None else {"rows": rows, "with": other}
        return self._exchange.read(lambda data: data, self._snapshot("GET", name, snapshot, "diff", parameters=query))

    def delete_snapshot(self, name: str, snapshot: str) -> None:
        """Delete a snapshot."""
        self._snapshot("DELETE", name, snapshot)

    def _snapshot(
        self, method: str, name: str, *parts: str, parameters: Mapping[str, str | int] | None = None
    ) -> httpx.Response:
        return self._exchange.send(
            method,
            database_path(name, "snapshots", *parts),
            parameters,
            database=name,
            refusals=dict.fromkeys((400, 500, 503), SnapshotRefused),
            seconds=PUBLISH_SECONDS,
        )

    # --- their parts

    def _sql(self, name: str, query: str) -> httpx.Response:
        path, refusals = database_path(name, "sql"), {400: QueryRefused}
        return self._exchange.send("POST", path, content=query.encode(), database=name, refusals=refusals)

    def _publish(
        self, method: str, path: str, name: str, program: bytes, parameters: Mapping[str, str | Sequence[str]]
    ) -> httpx.Response:
        refusals = dict.fromkeys((400, 500, 503, 504), PublishRefused)
        return self._exchange.send(
            method, path, parameters, content=program, database=name, refusals=refusals, seconds=PUBLISH_SECONDS
        )


def identity_of_token(token: str) -> Identity:
    """The identity that a server's own token proves; ValueError when it is no such token. Nothing is verified."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Identity.from_hex(claims["hex_identity"])
    except (IndexError, KeyError, TypeError) as error:
        raise ValueError("a token with the claim `hex_identity` is expected") from error

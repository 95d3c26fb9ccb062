"""What the control client returns, typed, with the readers that check a server's JSON on arrival.

A reader raises ValueError, KeyError or TypeError for JSON of another shape; the client turns those into a fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stdbctl.client.found_problems import FoundByServer
from stdbctl.errors import Problem
from stdbctl.sats import AlgebraicType, Identity, type_from_json

Json = Any
"""Decoded JSON of the server; its shape is checked by the readers below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedIdentity:
    """A new identity and the token that proves it."""

    identity: Identity
    token: str

    @classmethod
    def read(cls, data: Json) -> "IssuedIdentity":
        """`{"identity": HEX, "token": JWT}`."""
        return cls(identity=Identity.from_hex(data["identity"]), token=_text(data["token"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseInfo:
    """One database: who it is, who owns it, and the Keccak-256 of its program (64 hex digits)."""

    identity: Identity
    owner: Identity
    host_type: str
    program_hash: str

    @classmethod
    def read(cls, data: Json) -> "DatabaseInfo":
        """The body of `GET /v1/database/NAME`."""
        (host_type,) = data["host_type"]
        return cls(
            identity=_identity(data["database_identity"]),
            owner=_identity(data["owner_identity"]),
            host_type=_text(host_type),
            program_hash=_digest(data["initial_program"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """A publish that was done. `domain` is the name as given, None when an identity was given.

    `snapshot`: what stdbctl's server took before rows were lost; None where none were.
    """

    domain: str | None
    identity: Identity
    is_new: bool
    snapshot: str | None = None

    @classmethod
    def read(cls, data: Json) -> "PublishResult":
        """`{"Success": {"domain": …, "database_identity": HEX, "op": "created" | "updated"}}`."""
        success = data["Success"]
        return cls(
            domain=None if success["domain"] is None else _text(success["domain"]),
            identity=Identity.from_hex(success["database_identity"]),
            is_new=success["op"] == "created",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMigration:
    """The server can migrate by itself. `plan` is text for people; `token` goes back with the publish.

    `steps`: the plan as JSON, `lost_rows`: how many rows go with which table, `samples`: what migration functions make
    of a few rows (docs/server.md); all from stdbctl's server alone.
    """

    plan: str
    breaks_clients: bool
    token: str
    steps: tuple[Json, ...] = ()
    lost_rows: Mapping[str, int] = field(default_factory=dict)
    samples: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualMigration:
    """The server cannot migrate; `reason` says why. `problems`: the same one by one, from stdbctl's server alone."""

    reason: str
    problems: tuple[Problem, ...] = ()


def read_migration(data: Json) -> AutoMigration | ManualMigration:
    """The body of `POST …/pre_publish`."""
    if "ManualMigrate" in data:
        manual = data["ManualMigrate"]
        return ManualMigration(
            reason=_text(manual["reason"]), problems=tuple(map(FoundByServer, manual.get("problems", ())))
        )
    auto = data["AutoMigrate"]
    return AutoMigration(
        plan=_text(auto["migrate_plan"]),
        breaks_clients=bool(auto["break_clients"]),
        token=_text(auto["token"]),
        steps=tuple(auto.get("steps", ())),
        samples=tuple(auto.get("samples", ())),
        lost_rows={str(table): int(count) for table, count in auto.get("lost_rows", {}).items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """A call that was done. `value_json` is a procedure's result as JSON text, empty for a reducer."""

    value_json: str
    duration_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlResult:
    """The result of one statement. `rows` are decoded JSON, each a list in column order."""

    columns: tuple[tuple[str | None, AlgebraicType], ...]
    rows: tuple[tuple[Json, ...], ...]
    duration_micros: int
    inserted: int
    deleted: int
    updated: int

    @classmethod
    def read(cls, data: Json) -> "SqlResult":
        """One element of the array that `POST …/sql` answers."""
        stats = data.get("stats") or {}
        return cls(
            columns=tuple(_column(element) for element in data["schema"]["elements"]),
            rows=tuple(tuple(row) for row in data["rows"]),
            duration_micros=int(data["total_duration_micros"]),
            inserted=int(stats.get("rows_inserted", 0)),
            deleted=int(stats.get("rows_deleted", 0)),
            updated=int(stats.get("rows_updated", 0)),
        )


def _column(element: Json) -> tuple[str | None, AlgebraicType]:
    name = element["name"]
    return name.get("some"), type_from_json(element["algebraic_type"])


def _identity(data: Json) -> Identity:
    return Identity.from_int(int(data["__identity__"], 16))


def _digest(data: Json) -> str:
    """A hash comes as the number that its bytes spell, least significant first."""
    return int(data, 16).to_bytes(32, "little").hex()


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string is expected, got {value!r}")
    return value

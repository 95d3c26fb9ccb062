"""Programs as they come over the network, and the reasons why one is refused."""

from collections.abc import Iterable

from stdbctl.engine import Database
from stdbctl.errors import Problem, Problems
from stdbctl.records import Program, ProgramKind
from stdbctl.sats import Identity
from stdbctl.schema import NO_CHOICES, Choices, DefProblem, migration_token, program_hash
from stdbctl.server.refusal import Refusal

DEFAULT_HOST_TYPE = "Wasm"
"""What SpacetimeDB takes a program for that comes without `host_type`."""


def program_of(data: bytes, host_type: str | None) -> Program:
    """The bytes as a program; Refusal 400 for a kind that is not served here."""
    name = host_type or DEFAULT_HOST_TYPE
    kind = next((kind for kind in ProgramKind if kind.value == name), None)
    if kind is None:
        served = ", ".join(f"`{kind.value}`" for kind in ProgramKind)
        raise Refusal(400, f"host_type `{name}` is not served here: publish with host_type={served}")
    return Program(kind, data, program_hash(data))


def place_of(database: Database) -> bytes:
    """What the supervisor is told of a running call: 64 bytes, the database's identity and its program's hash."""
    program = database.program
    return database.identity.data + (bytes(32) if program is None else bytes.fromhex(program.hash))


def plan_token(database: Identity, old: Program, new: Program, choices: Choices = NO_CHOICES) -> str:
    """The hash that proves to publish that its caller saw the plan from `old` to `new`: 64 hex digits."""
    return migration_token(database.to_hex(), old.hash, new.hash, choices)


def reasons(problems: Problems | Iterable[Problem]) -> str:
    """All problems, one a line, each with its place, cause and fix."""
    found = problems.problems if isinstance(problems, Problems) else Problems(problems).problems
    return "\n".join(f"{problem.place}: {problem}" if problem.place else str(problem) for problem in found)


def problem_json(problem: Problem) -> dict[str, object]:
    """One problem as docs/server.md shows it."""
    place = problem.place
    where = None
    if place is not None:
        where = {"file": place.file, "line": place.line, "column": place.column, "source_line": place.source_line}
    told: dict[str, object] = {
        "code": problem.code,
        "what": problem.what,
        "why": problem.why,
        "fix": problem.fix,
        "place": where,
    }
    return told | {"subject": problem.subject} if isinstance(problem, DefProblem) else told

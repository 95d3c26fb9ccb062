"""Every type in every place, driven by the official npm client: tests/modules/every_type."""

import json
import math
import runpy
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # Any: engine values and JSON

import httpx
import pytest

from stdbctl.codegen import GenerateOptions, generate_typescript
from stdbctl.module import load_package
from stdbctl.sats import (
    CONNECTION_ID,
    IDENTITY,
    UUID,
    AlgebraicType,
    JsonStyle,
    Primitive,
    Timestamp,
    Typespace,
    compile_codec,
    from_json,
    loads,
    to_json,
)
from stdbctl.schema import ModuleDef, TableDef
from tests.support.described import LONG, described, edges
from tests.support.server import RunningServer, serving

ROOT = Path(__file__).parent.parent.parent
EVERY_TYPE = ROOT / "tests" / "modules" / "every_type"
NODE = ROOT / "tests" / "node"
DATABASE = "every-type"


@dataclass(frozen=True)
class Served:
    """The module, and a server that runs it."""

    server: RunningServer
    module: ModuleDef

    @property
    def space(self) -> Typespace:
        return self.module.typespace

    def reducer(self, source_name: str) -> str:
        """What clients call a reducer of the module's."""
        return next(reducer.name for reducer in self.module.reducers if reducer.accessor == source_name)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    loaded = load_package(EVERY_TYPE / "module", EVERY_TYPE)
    assert not isinstance(loaded, tuple), loaded
    with serving(tmp_path_factory.mktemp("every-type"), in_memory=True) as server:
        answer = server.publish(DATABASE, EVERY_TYPE)
        assert answer.status_code in (200, 201), answer.text
        yield Served(server, loaded.module)


@pytest.fixture(scope="module")
def bindings(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bindings") / "bindings"
    for path, text in generate_typescript(served.module, GenerateOptions()).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def rows_of(table: TableDef, space: Typespace) -> list[tuple[Any, ...]]:
    """One row for each edge of each column; integer columns that only count do so."""
    columns = [edges(column.type, space) for column in table.columns]
    if table.accessor in ("PlainText", "PlainData"):
        columns[1] = (*columns[1], LONG if table.accessor == "PlainText" else LONG.encode())
    if table.columns[0].name == "n":
        columns[0] = range(max(map(len, columns)))  # type: ignore[call-overload]  # a sequence like the others
    if table.columns[1].name == "number":
        columns[1] = columns[1][:1] * len(columns[0])
    return [tuple(values[i % len(values)] for values in columns) for i in range(max(map(len, columns)))]


def changed_rows(table: TableDef, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Each row with the other columns of the row after it."""
    following = [*rows[1:], *rows[:1]]
    return [
        (row[0], *after[1:]) if table.columns[0].name == "n" else (row[0], 7)
        for row, after in zip(rows, following, strict=True)
    ]


def accessor(table: TableDef) -> str:
    """What the bindings call a table."""
    return table.accessor[0].lower() + table.accessor[1:]


def is_asked(type_: AlgebraicType, value: Any) -> bool:
    """Whether the package can write a value into a typed query.

    It cannot write NaN, nor moments beyond those of a `Date`, and those before 1970 lose their microseconds.
    """
    if isinstance(type_, Primitive):
        return (not isinstance(value, float) or math.isfinite(value)) and value != LONG
    if isinstance(value, Timestamp):
        return 0 <= value.micros < 8_640_000_000_000_000_000
    return type_ in (IDENTITY, CONNECTION_ID, UUID)


@dataclass(frozen=True)
class Job:
    """What every_type.ts does with one table, and what must come of it."""

    table: TableDef
    rows: list[Any]
    changed: list[Any]
    wheres: list[int]

    @property
    def key(self) -> str:
        return self.table.columns[0].name

    @property
    def value_at(self) -> int:
        return next(i for i, column in enumerate(self.table.columns) if column.name == "value")

    def with_value(self, row: Any) -> list[str]:
        """The rows with the same value; the two zeros are the same number, and NaN is none."""
        wanted = row[self.value_at]
        return texts([other for other in self.rows if _number(other[self.value_at]) == _number(wanted) != NAN])


NAN = struct.pack(">d", math.nan).hex()


def _number(said: Any) -> Any:
    return "0" * 16 if said == "8" + "0" * 15 else said


def job_of(table: TableDef, space: Typespace) -> Job:
    rows = rows_of(table, space)
    value = next(i for i, column in enumerate(table.columns) if column.name == "value")

    def said(rows: list[tuple[Any, ...]]) -> list[Any]:
        return [described(table.row_type, space, row, is_npm=True) for row in rows]

    wheres = [i for i, row in enumerate(rows) if is_asked(table.columns[value].type, row[value])]
    return Job(table, said(rows), said(changed_rows(table, rows)), wheres)


def texts(rows: list[Any]) -> list[str]:
    """Rows as JSON, in order."""
    return sorted(json.dumps(row) for row in rows)


def seen_rows(lines: list[str]) -> list[str]:
    """The same of rows that the script wrote."""
    return texts([json.loads(line) for line in lines])


def run_script(bindings: Path, job: Path, tmp_path: Path) -> dict[str, Any]:
    """Bundle every_type.ts with the bindings and run it; what it prints."""
    out = NODE / "node_modules" / ".e2e" / f"{tmp_path.parent.name}-{tmp_path.name}-every-type.mjs"
    bundle = [
        NODE / "node_modules" / ".bin" / "esbuild",
        NODE / "e2e" / "every_type.ts",
        "--bundle",
        "--format=esm",
        "--platform=node",
        "--target=es2022",
        "--external:undici",
        f"--alias:bindings={bindings}",
        f"--alias:spacetimedb={NODE / 'node_modules' / 'spacetimedb'}",
        f"--outfile={out}",
    ]
    for command in (bundle, ["node", out, job]):
        done = subprocess.run([str(part) for part in command], cwd=NODE, capture_output=True, text=True, timeout=110)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_npm_client_writes_reads_finds_and_asks_for_every_value(served: Served, bindings: Path, tmp_path: Path) -> None:
    tables = [t for t in served.module.tables if t.accessor.startswith(("Plain", "Unique", "Keyed"))]
    jobs = {accessor(table): job_of(table, served.space) for table in tables}
    plan = {
        "uri": served.server.url.replace("http", "ws"),
        "database": DATABASE,
        "tables": [
            {"accessor": name, "key": job.key, "rows": job.rows, "changed": job.changed, "wheres": job.wheres}
            for name, job in jobs.items()
        ],
    }
    path = tmp_path / "job.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    seen = run_script(bindings, path, tmp_path)
    assert seen.keys() == jobs.keys()
    for name, job in jobs.items():
        assert "failed" not in seen[name], (name, seen[name])
        assert_job_done(name, job, seen[name])


def assert_job_done(name: str, job: Job, seen: dict[str, Any]) -> None:
    assert seen_rows(seen["inserted"]) == texts(job.rows), name
    assert seen["found"] == job.rows, name
    if seen["filtered"] is not None:
        assert [seen_rows(lines) for lines in seen["filtered"]] == [job.with_value(row) for row in job.rows], name
    assert [seen_rows(lines) for lines in seen["where"]] == [job.with_value(job.rows[at]) for at in job.wheres], name
    if job.table.primary_key is not None:
        assert seen["updates"] == [list(pair) for pair in zip(job.rows, job.changed, strict=True)], name
    assert seen_rows(seen["updated"]) == seen_rows(seen["late"]) == texts(job.changed), name
    assert seen["left"] == 0, name


def test_http_call_and_sql_carry_every_value_that_json_can(served: Served) -> None:
    with httpx.Client(base_url=f"{served.server.url}/v1/database/{DATABASE}", timeout=60, trust_env=False) as client:
        for table in served.module.tables:
            if table.accessor.startswith("Plain"):
                assert_json_carries_rows(client, table, served)


def assert_json_carries_rows(client: httpx.Client, table: TableDef, served: Served) -> None:
    kind = snake(table.accessor.removeprefix("Plain"))
    names = {verb: served.reducer(f"{verb}_plain_{kind}") for verb in ("insert", "delete")}
    rows = [row for row in rows_of(table, served.space) if json_carries(table.row_type, served.space, row)]
    for row in rows:
        sent = to_json(table.row_type, served.space, row, JsonStyle.DECLARED)
        answer = client.post(f"/call/{names['insert']}", json=list(sent.values()))
        assert answer.status_code == 200, (table.name, row, answer.text)
    read = client.post("/sql", content=f"SELECT * FROM {table.name}", headers=served.server.headers)
    assert [from_json(table.row_type, served.space, row) for row in loads(read.text)[0]["rows"]] == rows, table.name
    for row in rows:
        assert client.post(f"/call/{names['delete']}", json=[row[0]]).status_code == 200


def snake(kind: str) -> str:
    """`NestedOption` -> `nested_option`, as the module's reducers are called."""
    return "".join("_" * (i > 0 and letter.isupper()) + letter.lower() for i, letter in enumerate(kind))


def json_carries(type_: AlgebraicType, space: Typespace, value: Any) -> bool:
    """Whether JSON has a form for every number of a value: there is none for NaN and infinities."""
    said = json.dumps(described(type_, space, value))
    return not any(hex_ in said for hex_ in (NAN, *(struct.pack(">d", sign * math.inf).hex() for sign in (1, -1))))


def test_defaults_reach_sql(served: Served) -> None:
    server = served.server
    assert server.call(DATABASE, "insert_defaults", 5).status_code == 200
    defaults = served.module.table("defaults")
    assert defaults is not None
    read = server.sql(DATABASE, "SELECT * FROM defaults")
    assert [from_json(defaults.row_type, served.space, row)[1:] for row in read] == [
        tuple(
            compile_codec(c.type, served.space).decode_all(c.default) for c in defaults.columns if c.default is not None
        )
    ]


def test_bindings_pass_the_strict_compiler(bindings: Path) -> None:
    options = {
        **dict.fromkeys(STRICT, True),
        "target": "ES2022",
        "module": "ESNext",
        "moduleResolution": "bundler",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "skipLibCheck": True,
        "noEmit": True,
        "paths": {"spacetimedb": [str(NODE / "node_modules" / "spacetimedb")]},
    }
    config = bindings.parent / "tsconfig.json"
    config.write_text(json.dumps({"compilerOptions": options, "include": ["bindings"]}), encoding="utf-8")
    command = [NODE / "node_modules" / ".bin" / "tsc", "--project", config]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout[:3000]


STRICT = (
    "strict",
    "noUncheckedIndexedAccess",
    "noImplicitOverride",
    "noImplicitReturns",
    "noFallthroughCasesInSwitch",
    "noPropertyAccessFromIndexSignature",
    "verbatimModuleSyntax",
    "isolatedModules",
    "erasableSyntaxOnly",
)


def test_module_is_what_its_script_writes() -> None:
    script = runpy.run_path(str(EVERY_TYPE / "generate.py"))
    made: dict[str, str] = script["files"]()
    assert {name: (EVERY_TYPE / "module" / name).read_text(encoding="utf-8") for name in made} == made

"""Generated Python clients beside the official npm client on one server: both caches end equal, value by value."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any  # Any: bindings and values whose types are known only at run time

import pytest

from stdbctl.client import RemoteTable
from stdbctl.codegen import generate_python, generate_typescript, write_files
from stdbctl.module import load_package
from stdbctl.schema import ModuleDef, TableDef
from tests.codegen.python.importing import imported
from tests.e2e.test_every_type import changed_rows, rows_of
from tests.support.python_values import PythonValues
from tests.support.server import RunningServer, serving

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "tests" / "node"
LIMIT_S = 60.0
PIPELINE = 200
"""So many calls are on their way at once."""


@dataclass(frozen=True)
class Served:
    """A module on a server, with its bindings: a Python package, and `viewer.ts` bundled with those for TypeScript."""

    server: RunningServer
    database: str
    module: ModuleDef
    package: Any
    viewer: Path

    @property
    def values(self) -> PythonValues:
        return PythonValues(self.package.remote.MODULE)

    def said(self, db: Any) -> dict[str, list[str]]:
        """All rows that a Python client has, as the viewer tells its own."""
        tables: tuple[RemoteTable[Any], ...] = self.package.remote.MODULE.tables
        return {
            typescript_key(self.module, table): sorted(self.row_said(table, row) for row in getattr(db, table.accessor))
            for table in tables
        }

    def row_said(self, table: RemoteTable[Any], row: Any) -> str:
        assert type(row) is table.row_class
        values = [getattr(row, field.name) for field in fields(row)]
        pairs = zip(table.row.elements, values, strict=True)
        return json_text([self.values.described(element.type, value) for element, value in pairs])


def typescript_key(module: ModuleDef, table: RemoteTable[Any]) -> str:
    """What the bindings for TypeScript call a table."""
    found = module.table(table.name)
    assert found is not None
    return found.accessor[0].lower() + found.accessor[1:]


def json_text(value: object) -> str:
    """JSON as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def serve(project: Path, folder: Path) -> Iterator[Served]:
    """Publish a project's module on a server of its own and make both kinds of bindings."""
    loaded = load_package(project / "module", project)
    assert not isinstance(loaded, tuple), loaded
    write_files(generate_typescript(loaded.module), folder / "bindings")
    out = NODE / "node_modules" / ".e2e" / f"{folder.parent.name}-{folder.name}-viewer.mjs"
    command: list[str | Path] = [
        NODE / "node_modules" / ".bin" / "esbuild",
        NODE / "e2e" / "viewer.ts",
        "--bundle",
        "--format=esm",
        "--platform=node",
        "--target=es2022",
        "--external:undici",
        f"--alias:bindings={folder / 'bindings'}",
        f"--alias:spacetimedb={NODE / 'node_modules' / 'spacetimedb'}",
        f"--outfile={out}",
    ]
    subprocess.run(command, cwd=NODE, capture_output=True, check=True, timeout=LIMIT_S)
    with serving(folder / "server", in_memory=True) as server, imported(generate_python(loaded.module)) as package:
        answer = server.publish("shared", project)
        assert answer.status_code in (200, 201), answer.text
        yield Served(server, "shared", loaded.module, package, out)


@pytest.fixture(scope="module")
def whiteboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(ROOT / "sample_project", tmp_path_factory.mktemp("python-whiteboard"))


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(ROOT / "tests" / "modules" / "every_type", tmp_path_factory.mktemp("python-every-type"))


class Viewer:
    """The npm client in Node, subscribed to everything."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    async def answer(self) -> Any:
        """Its next answer; lines that the npm package logs are skipped."""
        while line := await asyncio.wait_for(self._stdout.readline(), LIMIT_S):
            if line.startswith(b"@"):
                return json.loads(line[1:])
        raise AssertionError("the viewer has ended")

    async def tell(self, **order: object) -> Any:
        """Give an order and wait for its answer."""
        self._stdin.write(json.dumps(order).encode() + b"\n")
        await self._stdin.drain()
        return await self.answer()


@asynccontextmanager
async def viewing(served: Served) -> AsyncIterator[Viewer]:
    """A viewer that has all rows."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(served.viewer),
        served.server.url.replace("http", "ws"),
        served.database,
        cwd=NODE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**28,
    )
    viewer = Viewer(process)
    try:
        assert await viewer.answer() == "ready"
        yield viewer
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LIMIT_S)
        finally:
            if process.returncode is None:
                process.kill()


async def assert_same_caches(served: Served, viewer: Viewer, *clients: Any) -> dict[str, list[str]]:
    """Wait until all clients hold the same rows as the viewer; what these are."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LIMIT_S
    keys = [typescript_key(served.module, table) for table in served.package.remote.MODULE.tables]
    while True:
        dump = await viewer.tell(dump=True)
        seen: dict[str, list[str]] = {key: sorted(dump[key]) for key in keys}  # without the aliases of keys
        held = [served.said(client.db) for client in clients]
        if all(rows == seen for rows in held):
            return seen
        if loop.time() > end:
            for rows in held:
                assert rows == seen
        await asyncio.sleep(0)


def test_drawings_of_python_and_npm_clients_end_equal(whiteboard: Served) -> None:
    asyncio.run(draw_together(whiteboard))


async def draw_together(served: Served) -> None:
    package = served.package
    connect = package.DbConnection.connect
    async with (
        viewing(served) as viewer,
        connect(served.server.url, served.database) as ann,
        connect(served.server.url, served.database) as bob,
    ):
        await asyncio.gather(ann.subscribe(*all_queries(package)), bob.subscribe(*all_queries(package)))
        for number in range(20):
            calls = [
                ann.reducers.add_point(x=number + 0.5, y=-1.0, color="#ff0000"),
                bob.reducers.extend_stroke(x=1e30, y=float(number), color="#00ff00", stroke=2**32 - 1),
                viewer.tell(call="addPoint", args={"x": number, "y": 0.1, "color": "#0000ff"}),
            ]
            assert await asyncio.gather(*calls) == [None, None, None]
        refused = await viewer.tell(call="addPoint", args={"x": 0, "y": 0, "color": "blue"})
        assert refused == "SenderError: color must look like #RRGGBB"
        seen = await assert_same_caches(served, viewer, ann, bob)
        assert (len(seen["point"]), len(seen["user"])) == (60, 3)
        assert {row.color for row in ann.db.point.filter(user_id=bob.identity)} == {"#00ff00"}
        await ann.reducers.clear_my_points()
        seen = await assert_same_caches(served, viewer, ann, bob)
        assert len(seen["point"]) == len(bob.db.point) == 40
        assert ann.db.user.find(identity=bob.identity).windows == 1


def all_queries(package: Any) -> list[Any]:
    """A typed query for every table."""
    return list(vars(package.tables).values())


def test_python_client_writes_reads_and_finds_every_value_that_the_npm_client_sees(every_type: Served) -> None:
    asyncio.run(write_everything(every_type))


async def write_everything(served: Served) -> None:
    tables = [t for t in served.module.tables if t.accessor.startswith(("Plain", "Unique", "Keyed"))]
    jobs = [Job(served, table) for table in tables]
    connect = served.package.DbConnection.connect
    async with viewing(served) as viewer, connect(served.server.url, served.database) as conn:
        await conn.subscribe_to_all_tables()
        await pipelined(call for job in jobs for call in job.calls(conn, "insert", job.rows))
        for job in jobs:
            job.assert_held(conn, job.rows)
        await assert_same_caches(served, viewer, conn)
        await pipelined(call for job in jobs for call in job.calls(conn, "update", job.changed))
        for job in jobs:
            job.assert_held(conn, job.changed)
        async with connect(served.server.url, served.database) as late:
            await late.subscribe(*all_queries(served.package))
            await assert_same_caches(served, viewer, conn, late)
        await pipelined(call for job in jobs for call in job.calls(conn, "delete", job.changed[::2], keys_only=True))
        for job in jobs:
            job.assert_held(conn, job.changed[1::2])
        await assert_same_caches(served, viewer, conn)


async def pipelined(calls: Iterator[Awaitable[None]]) -> None:
    """Wait for all calls, of which only so many are on their way at once."""
    waiting: list[Awaitable[None]] = []
    for call in calls:
        waiting.append(call)
        if len(waiting) == PIPELINE:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)


class Job:
    """What is done with one table of the every-type module; rows are engine values."""

    def __init__(self, served: Served, table: TableDef) -> None:
        self._served, self._values = served, served.values
        module = served.package.remote.MODULE
        self._reducers = {reducer.name: reducer for reducer in module.reducers}
        self._names = {reducer.accessor.replace("_", ""): reducer.name for reducer in served.module.reducers}
        self._title = table.accessor.lower()
        (self._remote,) = (remote for remote in module.tables if remote.name == table.name)
        self.rows = rows_of(table, served.module.typespace)
        self.changed = changed_rows(table, self.rows)

    def calls(
        self, conn: Any, verb: str, rows: list[tuple[Any, ...]], *, keys_only: bool = False
    ) -> Iterator[Awaitable[None]]:
        """Call a reducer for each row, with values as users of the bindings hold them."""
        reducer = self._reducers[self._names[f"{verb}{self._title}"]]
        function = getattr(conn.reducers, reducer.accessor)
        for row in rows:
            given = row[:1] if keys_only else row
            pairs = zip(reducer.params.elements, given, strict=True)
            values = [self._values.made(element.type, value) for element, value in pairs]
            yield function(**dict(zip(reducer.param_names, values, strict=True)))

    def assert_held(self, conn: Any, rows: list[tuple[Any, ...]]) -> None:
        """The table holds these rows and no others, and finds each by its key."""
        handle = getattr(conn.db, self._remote.accessor)
        held = [self._values.record(self._remote.row_class, self._remote.row, row) for row in rows]
        said = sorted(self._served.row_said(self._remote, row) for row in held)
        assert sorted(self._served.row_said(self._remote, row) for row in handle) == said, self._remote.accessor
        (key,) = self._remote.unique[0]
        for row in held:
            found = handle.find(**{key: getattr(row, key)})
            assert self._served.row_said(self._remote, found) == self._served.row_said(self._remote, row)


def test_bindings_are_written_by_the_command_and_work_from_any_folder(whiteboard: Served, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "sample_project" / "module", project / "module")
    shutil.copy(ROOT / "sample_project" / "stdbctl.toml", project)
    generate = [sys.executable, "-m", "stdbctl", "generate", "--lang", "python", "--out-dir", "client/board"]
    subprocess.run(generate, cwd=project, check=True, capture_output=True, timeout=LIMIT_S)
    (project / "client" / "script.py").write_text(SCRIPT, encoding="utf-8")
    assert whiteboard.server.publish("scripted", project).status_code == 200
    script = [sys.executable, "script.py", whiteboard.server.url, "scripted"]
    done = subprocess.run(script, cwd=project / "client", capture_output=True, text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "drawn": [2.5, "#123456"],
        "refused": "color must look like #RRGGBB",
        "loaded": [],
    }


SCRIPT = """
import json, sys
from board import SyncDbConnection, tables
from stdbctl.client import ReducerError

with SyncDbConnection.connect(sys.argv[1], sys.argv[2]) as conn:
    conn.subscribe(tables.point.where(color="#123456"))
    conn.reducers.add_point(x=2.5, y=0.0, color="#123456")
    conn.reducers.add_point(x=2.5, y=0.0, color="#000000")
    (point,) = conn.db.point
    refused = None
    try:
        conn.reducers.add_point(x=0.0, y=0.0, color="red")
    except ReducerError as error:
        refused = str(error)
    conn.reducers.clear_my_points()

heavy = {"httpx", "jinja2", "rich", "starlette", "stdbctl.engine", "stdbctl.server", "typer", "uvicorn"}
print(json.dumps({"drawn": [point.x, point.color], "refused": refused, "loaded": sorted(heavy & set(sys.modules))}))
"""

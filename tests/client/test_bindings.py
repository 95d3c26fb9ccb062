"""Bindings stand on the client alone, and type-check as they are."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PYRIGHT = HERE.parent / "node" / "node_modules" / ".bin" / "pyright"
HEAVY = ("typer", "rich", "jinja2", "httpx", "starlette", "uvicorn", "uvloop", "watchfiles", "cryptography", "jwt")
UPPER_ROOMS = ("module", "query", "codegen", "store", "project", "engine", "server", "dev", "cli", "schema")

PROGRAM = """
import dataclasses
from example_bindings import (
    Color, Db, DbConnection, EventContext, Nothing, Point, SyncDbConnection, Tally, tables
)
from stdbctl.client import Deleted, Inserted, Updated


def heard(ctx: EventContext, row: Point) -> None:
    reveal_type(ctx.db.point.find(id=row.id))
    ctx.reducers.clear_points()


async def main(conn: DbConnection) -> None:
    reveal_type(await conn.subscribe(tables.point.where(lambda p: p.x > 5.0, y=1.0)))
    reveal_type(await conn.query(tables.point))
    reveal_type(list(conn.db.point))
    conn.db.point.on_insert(heard)
    conn.db.point.on_update(lambda ctx, old, new: print(old.x, new.x))
    await conn.reducers.add_point(x=1.0, y=2.0, color=Color.RED, shape=Nothing(), note=None)
    async for change in conn.db.point.changes():
        match change:
            case Inserted(row) | Deleted(row):
                reveal_type(row)
            case Updated(_, new):
                reveal_type(new)


def script(conn: SyncDbConnection) -> None:
    reveal_type(conn.query(tables.tally))
    reveal_type(conn.reducers.add_point)
    conn.reducers_nowait.clear_points().on_done(lambda call: print(call.exception()))


async def predict(conn: DbConnection, sync: SyncDbConnection, point: Point) -> None:
    @conn.predict(conn.reducers.move_point)
    def moved(db: Db, *, id: int, x: float) -> None:
        found = db.point.find(id=id)
        if found is not None:
            db.point.update(dataclasses.replace(found, x=x))

    @sync.predict(sync.reducers.clear_points)
    def cleared(db: Db) -> None:
        for row in db.point:
            db.point.delete(row)

    moved.remove()
    cleared.remove()
    reveal_type(await conn.optimistic(lambda db: db.point.insert(point)).move_point(id=1, x=1.0))
    reveal_type(sync.optimistic_nowait(lambda db: db.tally.delete(Tally(name="a", count=1))).clear_points())
"""

WRONG = """
from example_bindings import DbConnection, tables


async def main(conn: DbConnection) -> None:
    tables.point.where(colour="#f00")
    tables.point.where(x="far")
    tables.point.where(lambda p: p.z > 1.0)
    conn.db.tally.on_update(lambda ctx, old, new: None)
    conn.db.ping.on_delete(lambda ctx, row: None)
    conn.reducers.move_point(id="1", x=1.0)
    conn.optimistic(lambda db: db.point.insert(1))
    conn.optimistic(lambda db: db.tally.update)
    conn.predict(conn.reducers.move_point)(lambda db, *, id, x: db.point.delete(id))
    conn.predict(conn.reducers.move_point)(lambda db: None)
"""


def test_importing_the_client_imports_nothing_of_server_and_command_line() -> None:
    program = f"""
import sys
import stdbctl.client
names = {{name.partition(".")[0] for name in sys.modules}} & set({HEAVY})
rooms = {{name for name in sys.modules if name.startswith("stdbctl.") and name.split(".")[1] in {UPPER_ROOMS}}}
print(sorted(names | rooms))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_programs_on_bindings_pass_mypy_strict_and_mistakes_do_not(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text(WRONG)
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\nmypy_path = {HERE}\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [*command, "program.py", "wrong.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    notes = [line for line in done.stdout.splitlines() if "Revealed type" in line]
    errors = [line.split(":")[:2] for line in done.stdout.splitlines() if " error: " in line]
    assert sorted({(file, int(line)) for file, line in errors}) == [("wrong.py", line) for line in range(6, 16)]
    assert not [note for note in notes if "Any" in note], "\n".join(notes)
    assert len(notes) == 10


def test_programs_on_bindings_pass_pyright_strict_and_mistakes_do_not(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text(WRONG)
    config = tmp_path / "pyrightconfig.json"
    bindings = HERE / "example_bindings"
    config.write_text(
        json.dumps({"include": [".", str(bindings)], "extraPaths": [str(HERE)], "typeCheckingMode": "strict"})
    )
    done = subprocess.run(
        [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable, "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    errors = {(Path(d["file"]).name, d["range"]["start"]["line"] + 1) for d in found if d["severity"] == "error"}
    assert sorted(errors) == [("wrong.py", line) for line in range(6, 16)], done.stdout
    revealed = [d["message"] for d in found if d["severity"] == "information"]
    assert not [text for text in revealed if "Unknown" in text or "Any" in text], revealed

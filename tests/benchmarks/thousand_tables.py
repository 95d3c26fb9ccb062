"""`check` and `generate` for a module of 1,000 tables: `python -m tests.benchmarks.thousand_tables [tables]`.

The yardstick is what Python itself takes for the same declarations: a process that parses every file with `ast` and
imports the same classes and functions as plain dataclasses, without a `.pyc`. Processor time of whole processes, in
turns.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.bench_startup import STDBCTL
from tests.benchmarks.figures import Figure, compared, show

TABLES = 1_000
PER_FILE = 50
RUNS = 3
MODULE_HEADER = '''"""Tables {first} to {last}."""

from stdbctl.module import AutoInc, Identity, Index, PrimaryKey, ReducerContext, Timestamp, f32, reducer, table, u64

'''
MODULE_TABLE = '''
@table(public=True)
class Thing{n}:
    """Something of kind {n}."""

    id: PrimaryKey[AutoInc[u64]] = 0
    x: f32
    y: f32
    label: str
    owner: Index[Identity]
    tags: list[str]
    note: str | None = None
    at: Timestamp


@reducer
def add_thing{n}(ctx: ReducerContext, x: f32, y: f32, label: str) -> None:
    """Add one thing of kind {n}."""
    ctx.db[Thing{n}].insert(
        Thing{n}(x=x, y=y, label=label, owner=ctx.sender, tags=[label], at=ctx.timestamp)
    )

'''
PLAIN_HEADER = '''"""Tables {first} to {last}."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

'''
PLAIN_TABLE = '''
@dataclass(kw_only=True)
class Thing{n}:
    """Something of kind {n}."""

    id: int = 0
    x: float
    y: float
    label: str
    owner: UUID
    tags: list[str]
    note: str | None = None
    at: datetime


def add_thing{n}(db: list[Thing{n}], x: float, y: float, label: str, owner: UUID, at: datetime) -> None:
    """Add one thing of kind {n}."""
    db.append(
        Thing{n}(x=x, y=y, label=label, owner=owner, tags=[label], at=at)
    )

'''
PLAIN_PROGRAM = """
import ast, importlib, pathlib
for file in sorted(pathlib.Path("plain").glob("*.py")):
    ast.parse(file.read_text(encoding="utf-8"))
importlib.import_module("plain")
"""


def write_package(folder: Path, header: str, table: str, count: int) -> None:
    """A package of files with `PER_FILE` declarations each; `__init__.py` imports them all."""
    folder.mkdir()
    names = []
    for first in range(0, count, PER_FILE):
        last = min(first + PER_FILE, count)
        names.append(f"part{first // PER_FILE}")
        text = header.format(first=first, last=last - 1) + "".join(table.format(n=n) for n in range(first, last))
        (folder / f"{names[-1]}.py").write_text(text, encoding="utf-8")
    imports = "".join(f"from . import {name} as {name}\n" for name in names)
    (folder / "__init__.py").write_text('"""All of them."""\n\n' + imports, encoding="utf-8")


def make_project(root: Path, count: int) -> None:
    """A project and its plain counterpart in one folder."""
    write_package(root / "module", MODULE_HEADER, MODULE_TABLE, count)
    write_package(root / "plain", PLAIN_HEADER, PLAIN_TABLE, count)
    config = 'database = "things"\nmodule = "module"\n\n[[generate]]\nlang = "ts"\nout_dir = "bindings"\n'
    (root / "stdbctl.toml").write_text(config, encoding="utf-8")


def milliseconds(command: tuple[str, ...], root: Path) -> float:
    """The processor time of one run, from start to end: nothing in it waits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def measure(count: int = TABLES) -> list[Figure]:
    """All programs, the one to compare with first."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make_project(root, count)
        programs = {
            "parse and import as plain dataclasses": (sys.executable, "-B", "-c", PLAIN_PROGRAM),
            "stdbctl check": (str(STDBCTL), "check"),
            "stdbctl generate, all files new": (str(STDBCTL), "generate"),
            "stdbctl generate, nothing changed": (str(STDBCTL), "generate"),
        }
        samples: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(RUNS):
            shutil.rmtree(root / "bindings", ignore_errors=True)
            for name, command in programs.items():
                samples[name].append(milliseconds(command, root))
    return compared("ms", "plain", samples)


if __name__ == "__main__":
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else TABLES
    show(f"A module of {tables:,} tables and {tables:,} reducers", measure(tables))

"""The sample project's client, installed and built once per test session, and what happens on it in Chromium."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "sample_project"
NODE = ROOT / "tests" / "node"
NOT_MADE = shutil.ignore_patterns(".stdbctl", "node_modules", "dist", "__pycache__")
PLACEHOLDERS = {
    "VITE_SPACETIMEDB_HOST": "http://host.placeholder",
    "VITE_SPACETIMEDB_DB_NAME": "database-placeholder",
}
"""What the build is told; tests/node/e2e/whiteboard/stage.mjs puts each test's own server and database there."""


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    words = [str(part) for part in command]
    env = os.environ | environment
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def stdbctl(*words: str, cwd: Path) -> str:
    return run(sys.executable, "-m", "stdbctl", *words, cwd=cwd)


def built_client(factory: pytest.TempPathFactory) -> Path:
    """The folder of the built client; made by the first that asks, in whichever worker."""
    base = factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "whiteboard-client"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        client, done = shared / "client", shared / "done"
        if not done.exists():
            shutil.copytree(SAMPLE / "client", client, ignore=NOT_MADE, dirs_exist_ok=True)
            run("npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", cwd=client)
            run("npm", "run", "build", cwd=client, **PLACEHOLDERS)
            done.touch()
    return client / "dist"


@contextmanager
def served_project(folder: Path) -> Iterator[Path]:
    """A copy of the sample's module with a server of its own, which is ended at the end."""
    shutil.copytree(SAMPLE / "module", folder / "module", ignore=NOT_MADE)
    shutil.copy(SAMPLE / "stdbctl.toml", folder)
    stdbctl("start", "--detach", "--listen", f"127.0.0.1:{free_port()}", cwd=folder)
    try:
        yield folder
    finally:
        stdbctl("stop", cwd=folder)


def play(scenario: str, *, dist: Path, project: Path, database: str, shots: Path) -> dict[str, Any]:
    """Deploy the module as `database`, play a scenario of scenarios.mjs, and return what was seen."""
    stdbctl("deploy", database, "--yes", cwd=project)
    host = json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8"))["url"]
    options = {
        "dist": str(dist),
        "host": host,
        "database": database,
        "project": str(project),
        "python": sys.executable,
        "shots": str(shots),
    }
    output = run("node", NODE / "e2e" / "whiteboard" / "scenarios.mjs", scenario, json.dumps(options), cwd=NODE)
    seen: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert seen.pop("errors") == []
    return seen

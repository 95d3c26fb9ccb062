"""The official npm client, unchanged, against a real server process with bindings that we generated."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
NODE = ROOT / "tests" / "node"


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def whiteboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The sample project, deployed, with its bindings: (folder, the server's URL)."""
    project = tmp_path_factory.mktemp("e2e") / "wb"
    shutil.copytree(
        ROOT / "sample_project",
        project,
        ignore=shutil.ignore_patterns(".stdbctl", "node_modules", "module_bindings", "dist"),
    )
    stdbctl = (sys.executable, "-m", "stdbctl")
    run(*stdbctl, "deploy", "--yes", cwd=project)
    run(*stdbctl, "generate", "--lang", "ts", "--out-dir", "bindings", cwd=project)
    state = json.loads((project / ".stdbctl" / "server.json").read_text(encoding="utf-8"))
    yield project, state["url"]
    run(*stdbctl, "stop", cwd=project)


def bundle(script: str, project: Path, out: Path, platform: str = "node") -> Path:
    """Bundle a script of tests/node/e2e with the project's bindings."""
    run(
        NODE / "node_modules" / ".bin" / "esbuild",
        NODE / "e2e" / script,
        "--bundle",
        "--format=esm",
        f"--platform={platform}",
        "--target=es2022",
        "--external:undici" if platform == "node" else "--define:process.env.NODE_ENV='production'",
        f"--alias:bindings={project / 'bindings'}",
        f"--alias:spacetimedb={NODE / 'node_modules' / 'spacetimedb'}",
        f"--outfile={out}",
        cwd=NODE,
    )
    return out


def last_line(output: str) -> dict[str, Any]:
    """The JSON object that a script ends with, after what the npm client itself logs."""
    seen: dict[str, Any] = json.loads(output.splitlines()[-1])
    return seen


def test_users_see_each_other_and_nothing_else(whiteboard: tuple[Path, str]) -> None:
    project, url = whiteboard
    script = bundle("users.ts", project, NODE / "node_modules" / ".e2e" / f"{project.parent.name}-users.mjs")
    seen = last_line(run("node", script, url.replace("http", "ws"), "whiteboard", cwd=NODE))
    events = seen.pop("events")
    assert events[:2] == ["ann insert #ff0000 Reducer", "ann insert #00ff00 Transaction"]
    assert events.count("ann delete #00ff00 Transaction") == 2
    assert seen.pop("badQuery").endswith(
        "no such table: `nowhere`. If the table exists, it may be marked private., executing: `SELECT * FROM nowhere`"
    )
    assert seen == {
        "identities": 3,
        "bothSee": [["#00ff00", "#ff0000"], ["#00ff00", "#ff0000"]],
        "row": {"id": "1", "x": 1.5, "y": 2, "byAnn": True},
        "found": "#ff0000",
        "recent": True,
        "refused": "SenderError: color must look like #RRGGBB",
        "afterRefusal": ["#00ff00", "#ff0000"],
        "filteredFirst": ["#ff0000"],
        "filteredLater": ["#0000ff", "#ff0000"],
        "filteredGone": [],
        "afterClear": ["#0000ff", "#ff0000"],
        "bystander": {"heard": 0, "rows": 0},
        "annUnsubscribed": 0,
        "sameIdentity": True,
        "cameBackTo": ["#0000ff", "#ff0000"],
    }


def test_pages_of_another_origin_share_the_board(whiteboard: tuple[Path, str]) -> None:
    project, url = whiteboard
    run(sys.executable, "-m", "stdbctl", "deploy", "second-board", "--yes", cwd=project)
    page = bundle("page.ts", project, project / "page.js", platform="browser")
    seen = last_line(run("node", NODE / "e2e" / "browser.mjs", url.replace("http", "ws"), page, cwd=NODE))
    assert seen == {"sameAfterReload": True, "twoUsers": True, "forbidden": [403, 403, 403]}

"""The README's terminal transcript is what a terminal shows."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VARIES = (
    (re.compile(r"\b\d+(\.\d+)? (ms|s)\b"), "N ms"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:3000"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "2026-11-23T12:00:00Z"),
    (re.compile(r"pid \d+"), "pid 4711"),
    (re.compile(r"-{3,}|─{3,}"), "---"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r" \n"), "\n"),
)


def steady(text: str) -> str:
    """The text without what differs from run to run: times, ports, process ids, widths."""
    for pattern, replacement in VARIES:
        text = pattern.sub(replacement, text)
    return text.strip()


def transcript() -> list[tuple[str, str]]:
    """(command, what it prints) for each `$` line of the console block."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```console\n(.*?)```", readme, re.DOTALL)
    assert block is not None, "the README has no console block"
    steps = re.split(r"^\$ ", block.group(1), flags=re.MULTILINE)[1:]
    return [(step.partition("\n")[0], step.partition("\n")[2]) for step in steps]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "sample_project"
    unwanted = shutil.ignore_patterns(".stdbctl", "node_modules", "dist")
    shutil.copytree(ROOT / "sample_project", folder, ignore=unwanted)
    yield folder
    subprocess.run([sys.executable, "-m", "stdbctl", "stop"], cwd=folder, capture_output=True, timeout=60, check=False)


def test_readme_transcript_is_what_a_terminal_shows(project: Path) -> None:
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    steps = transcript()
    assert len(steps) >= 5
    for command, expected in steps:
        done = subprocess.run(
            command,
            shell=True,
            cwd=project,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert steady(done.stdout) == steady(expected), f"$ {command}"

"""docs/examples/notebook: as a script, and cell by cell where an event loop runs already."""

import os
import subprocess
import sys

import pytest

from tests.support.server import REPOSITORY, RunningServer

FOLDER = REPOSITORY / "docs" / "examples" / "notebook"
SCRIPT = ("whiteboard.py",)
KERNEL = (
    "-c",
    """
import asyncio, pathlib, re, sys
sys.path.insert(0, "")

async def kernel():
    cells = re.split(r"^# %%.*$", pathlib.Path("whiteboard.py").read_text("utf-8"), flags=re.MULTILINE)
    for number, cell in enumerate(cells):
        exec(compile(cell, f"cell {number}", "exec"), globals())
        await asyncio.sleep(0)

asyncio.run(kernel())
""",
)
"""What Jupyter and IPython do: each cell runs on a thread whose loop is running."""


@pytest.mark.parametrize("arguments", [SCRIPT, KERNEL], ids=["script", "kernel"])
def test_notebook_draws_plots_and_answers_a_friend(
    arguments: tuple[str, ...], server: RunningServer, whiteboard: str
) -> None:
    environment = {**os.environ, "WHITEBOARD_URL": server.url, "WHITEBOARD_DATABASE": whiteboard}
    environment["PYTHONIOENCODING"] = "utf-8"
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(
        command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[1:3] == ["0 points on the board, 1 here", "241 points are mine"]
    picture = [line for line in lines if line and set(line) <= set(map(chr, range(0x2800, 0x2900)))]
    assert len(picture) == 24
    assert sum(dots != "\u2800" for line in picture for dots in line) > 100
    assert f"#e03131 {'█' * 40} 241" in lines
    assert lines[-3:-1] == ["friend: 100, 500 in #1971c2", "mirror: 700, 500 in #1971c2"]
    assert lines[-1].startswith("2 blue points; the newest at ")
    rows = server.sql(whiteboard, "SELECT x, y, color FROM point WHERE color = '#1971c2'")
    assert sorted(rows) == [[100, 500, "#1971c2"], [700, 500, "#1971c2"]]

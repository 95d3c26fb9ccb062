"""The rules of the board, tried on a server of its own that keeps everything in memory."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


def stdbctl(*words: str, cwd: Path, exit_code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run a command, which must end as expected."""
    command = [sys.executable, "-m", "stdbctl", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == exit_code, done.stderr
    return done


@dataclass(frozen=True)
class Board:
    """A database of its own with the project's module; `folder` is the copy that serves it."""

    folder: Path
    database: str

    def call(self, *words: str, exit_code: int = 0) -> str:
        """Call a reducer; what the command said."""
        return stdbctl("call", "-d", self.database, *words, cwd=self.folder, exit_code=exit_code).stderr

    def points(self) -> list[list[object]]:
        """x, y, color and stroke of every point, by id."""
        query = "SELECT id, x, y, color, stroke FROM point"
        answer = stdbctl("sql", "-d", self.database, "--format", "json", query, cwd=self.folder).stdout
        rows: list[list[object]] = json.loads(answer)[0]["rows"]
        return [row[1:] for row in sorted(rows, key=lambda row: int(str(row[0])))]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the project whose server runs."""
    folder = tmp_path_factory.mktemp("board")
    shutil.copytree(PROJECT / "module", folder / "module")
    shutil.copy(PROJECT / "stdbctl.toml", folder)
    stdbctl("start", "--detach", "--in-memory", "--listen", "127.0.0.1:0", cwd=folder)
    yield folder
    stdbctl("stop", cwd=folder)


@pytest.fixture
def board(served: Path, request: pytest.FixtureRequest) -> Board:
    database = request.node.name.replace("_", "-")
    stdbctl("deploy", database, "--yes", cwd=served)
    return Board(served, database)


def test_points_are_kept_in_the_order_of_the_calls(board: Board) -> None:
    board.call("add_point", "1.5", "2", "#ff0000")
    board.call("extend_stroke", "3", "4", "#00ff00", "7")
    assert board.points() == [[1.5, 2.0, "#ff0000", 0], [3.0, 4.0, "#00ff00", 7]]


def test_clearing_erases_the_points_of_the_caller_only(board: Board) -> None:
    board.call("--as", "ann", "add_point", "1", "1", "#aa0000")
    board.call("--as", "bob", "add_point", "2", "2", "#00bb00")
    board.call("--as", "ann", "clear_my_points")
    assert board.points() == [[2.0, 2.0, "#00bb00", 0]]


def test_a_color_that_no_browser_knows_is_refused(board: Board) -> None:
    refusal = board.call("add_point", "1", "2", "red", exit_code=2)
    assert "color must look like #RRGGBB" in refusal
    assert board.points() == []

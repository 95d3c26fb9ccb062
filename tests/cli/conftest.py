"""Projects and their servers for the tests of the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stdbctl.cli import run
from tests.cli.terminal import Command, Ended, copy_board, stdbctl


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project of one's own, whose server is ended afterwards."""
    folder = copy_board(tmp_path / "board")
    yield folder
    assert stdbctl("stop", cwd=folder).code == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed project that the tests of one file share."""
    folder = copy_board(tmp_path_factory.mktemp("served") / "board")
    deployed = stdbctl("deploy", "--yes", cwd=folder)
    assert deployed.code == 0, deployed.err
    yield folder
    assert stdbctl("stop", cwd=folder).code == 0


@pytest.fixture
def command(served: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line on the shared project, in this process."""
    monkeypatch.chdir(served)

    def go(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(arguments)
        shown = capsys.readouterr()
        return Ended(code, shown.out, shown.err)

    return go

"""One server with one board for all tests of a file; a test that ends or kills servers starts its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import RunningServer, serving

BOARD = Path(__file__).parent / "board"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the database `board`."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        answer = running.publish("board", BOARD)
        assert answer.status_code == 200, answer.text
        yield running
